package party

import "strconv"

// The sums of digits that the checks of numbers are made of.

// digitsOf are the values of the digits in a code; what is no digit is left out.
func digitsOf(code string) []int {
	var list []int
	for _, r := range code {
		if r >= '0' && r <= '9' {
			list = append(list, int(r-'0'))
		}
	}
	return list
}

// weighted checks that the weighted sum of the digits is a multiple of modulus.
func weighted(modulus int, weights ...int) func(string) bool {
	return func(code string) bool {
		sum := 0
		for i, d := range digitsOf(code) {
			if i < len(weights) {
				sum += d * weights[i]
			}
		}
		return sum%modulus == 0
	}
}

// luhn doubles every second digit from the right.
func luhn(code string) bool { return luhnSum(code)%10 == 0 }

func luhnSum(code string) int {
	digits := digitsOf(code)
	sum := 0
	for i := range digits {
		d := digits[len(digits)-1-i]
		if i%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum
}

// checkProduct is ISO 7064 mod 11,10.
func checkProduct(code string) bool {
	product := 5
	digits := digitsOf(code)
	for _, d := range digits {
		if product == 0 {
			product = 10
		}
		product = (product*2%11 + d) % 10
	}
	return product == 1
}

func number(code string) int {
	n, err := strconv.Atoi(code)
	if err != nil {
		return -1
	}
	return n
}

// remainder97 is ISO 7064 mod 97,10 of digits and letters, a letter counting from 10 on.
func remainder97(code string) int {
	rest := 0
	for _, r := range code {
		switch {
		case r >= '0' && r <= '9':
			rest = (rest*10 + int(r-'0')) % 97
		default:
			rest = (rest*100 + int(r-'A') + 10) % 97
		}
	}
	return rest
}

// lastDigit checks that the last digit follows from the weighted sum of those before it.
func lastDigit(follows func(sum int) int, weights ...int) func(string) bool {
	return func(code string) bool {
		digits := digitsOf(code)
		last := len(digits) - 1
		return follows(sumOf(digits[:last], weights)) == digits[last]
	}
}

// rest is the remainder by a modulus.
func rest(modulus int) func(int) int { return func(sum int) int { return sum % modulus } }

// elevenTen is the remainder by 11, of which 10 counts as 0.
func elevenTen(sum int) int { return sum % 11 % 10 }

func sumOf(digits, weights []int) int {
	sum := 0
	for i, d := range digits {
		if i < len(weights) {
			sum += d * weights[i]
		}
	}
	return sum
}

// rightSum is the sum of the digits from the right, each times what weight says of its place.
func rightSum(digits []int, weight func(place int) int) int {
	sum := 0
	for i := range digits {
		sum += digits[len(digits)-1-i] * weight(i)
	}
	return sum
}

func luhnOf(n int) func(string) bool { return func(code string) bool { return luhn(code[:n]) } }

// twoRounds is the Baltic check: weights from 1, and from 3 where these give 10.
func twoRounds(code string) bool {
	digits := digitsOf(code)
	last := len(digits) - 1
	round := func(from int) int {
		sum := 0
		for i, d := range digits[:last] {
			sum += d * ((i+from)%9 + 1)
		}
		return sum % 11
	}
	check := round(0)
	if check == 10 {
		check = round(2)
	}
	return check%10 == digits[last]
}

// verhoeff multiplies the permuted digits in the group of a pentagon's turns and flips.
func verhoeff(code string) bool {
	permutation := []int{1, 5, 7, 6, 2, 8, 3, 0, 9, 4}
	digits := digitsOf(code)
	product := 0
	for i := range digits {
		d := digits[len(digits)-1-i]
		for range i % 8 {
			d = permutation[d]
		}
		product = dihedral(product, d)
	}
	return product == 0
}

// dihedral multiplies two elements of D5: 0 to 4 are turns, 5 to 9 are flips.
func dihedral(a, b int) int {
	switch {
	case a < 5 && b < 5:
		return (a + b) % 5
	case a < 5:
		return 5 + (a+b)%5
	case b < 5:
		return 5 + (a-b)%5
	default:
		return (a - b + 5) % 5
	}
}
