package party

import "strings"

// The checks of numbers that people alone have.

func checkAustrianInsurance(code string) bool {
	weights := []int{3, 7, 9, 0, 5, 8, 4, 2, 1, 6}
	sum := 0
	digits := digitsOf(code)
	for i, d := range digits {
		sum += d * weights[i]
	}
	return sum%11 == digits[3]
}

func checkSocialSecurity(code string) bool {
	area := number(code[:3])
	return area > 0 && area != 666 && area < 900 && code[3:5] != "00" && code[5:] != "0000"
}

func checkBrazilianPerson(code string) bool {
	digits := digitsOf(code)
	for n := 9; n < 11; n++ {
		sum := rightSum(digits[:n], func(place int) int { return place + 2 })
		if (11-sum%11)%11%10 != digits[n] {
			return false
		}
	}
	return number(code[:9]) > 0 || digits[9] > 0
}

// checkChineseResident is ISO 7064 mod 11,2.
func checkChineseResident(code string) bool {
	sum := 0
	for i, r := range code {
		value := strings.IndexRune("0123456789X", r)
		sum = (sum + value) % 11
		if i < len(code)-1 {
			sum = sum * 2 % 11
		}
	}
	return sum == 1
}

// checkCzechPerson looks at numbers of ten digits; those of nine, given until 1953, have none to check.
func checkCzechPerson(code string) bool {
	if len(code) == 9 {
		return true
	}
	return number(code[:9])%11%10 == number(code[9:])
}

// checkFrenchPerson counts Corsica's two departments as others.
func checkFrenchPerson(code string) bool {
	digits := strings.NewReplacer("2A", "19", "2B", "18").Replace(code[:13])
	return 97-number(digits)%97 == number(code[13:])
}

func checkPupil(code string) bool {
	const alphabet = "ABCDEFGHJKLMNPQRTUVWXYZ0123456789"
	sum := 0
	for i := 1; i < len(code); i++ {
		sum += (i + 1) * strings.IndexByte(alphabet, code[i])
	}
	return alphabet[sum%23] == code[0]
}

// irishLetter is the letter behind seven digits; one behind it counts nine times.
func irishLetter(digits, second string) byte {
	const alphabet = "WABCDEFGHIJKLMNOPQRSTUV"
	sum := 9 * max(0, strings.Index(alphabet, second))
	for i, d := range digitsOf(digits) {
		sum += d * (8 - i)
	}
	return alphabet[sum%23]
}

// checkIrishPerson leaves the second letter out of the sum except for A and H.
func checkIrishPerson(code string) bool {
	second := ""
	if len(code) == 9 && (code[8] == 'A' || code[8] == 'H') {
		second = code[8:]
	}
	return irishLetter(code[:7], second) == code[7]
}

func checkItalianPerson(code string) bool {
	if len(code) == 11 {
		return luhn(code)
	}
	odd := []int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}
	sum := 0
	for i := range 15 {
		value := int(code[i] - 'A')
		if code[i] <= '9' {
			value = int(code[i] - '0')
		}
		if i%2 == 0 {
			value = odd[value]
		}
		sum += value
	}
	return byte('A'+sum%26) == code[15]
}

func checkDutchStudent(code string) bool {
	return (sumOf(digitsOf(code), []int{9, 8, 7, 6, 5, 4, 3, 2, -1})%11+11)%11 == 5
}

func checkNorwegianPerson(code string) bool {
	return weighted(11, 3, 7, 6, 1, 8, 9, 4, 5, 2, 1)(code) && weighted(11, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)(code)
}

// checkPeruvianPerson takes the number of the card, to which a digit or a letter may be added.
func checkPeruvianPerson(code string) bool {
	if len(code) == 8 {
		return true
	}
	rest := sumOf(digitsOf(code[:8]), []int{3, 2, 7, 6, 5, 4, 3, 2}) % 11
	return "65432110987"[rest] == code[8] || "KJIHGFEDCBA"[rest] == code[8]
}
