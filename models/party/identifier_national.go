package party

import (
	"slices"
	"strings"
)

// The checks are the public rules of the numbers' issuers. All
// take a code that fits its kind's pattern. Those of numbers that people alone have are apart.

func checkBelgian(code string) bool { return (number(code[:8])+number(code[8:]))%97 == 0 }

func checkLuxembourgian(code string) bool { return number(code[:6])%89 == number(code[6:]) }

func checkAustralian(code string) bool {
	weights := []int{10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19}
	sum := -weights[0] // the first digit counts one less
	for i, d := range digitsOf(code) {
		sum += d * weights[i]
	}
	return sum%89 == 0
}

func checkBrazilian(code string) bool {
	digits := digitsOf(code)
	for n := 12; n < 14; n++ {
		sum := 0
		for i := range n {
			sum += digits[i] * ((n-1-i)%8 + 2)
		}
		if check := (11 - sum%11) % 11 % 10; check != digits[n] {
			return false
		}
	}
	return true
}

func checkSwiss(code string) bool {
	return weighted(11, 5, 4, 3, 2, 7, 6, 5, 4, 1)(code[3:12])
}

func checkPortuguese(code string) bool {
	digits := digitsOf(code)
	sum := 0
	for i := range 8 {
		sum += digits[i] * (9 - i)
	}
	return (11-sum%11)%11%10 == digits[8]
}

// checkFrench checks the two characters before a company's number. Those with
// a letter belong to no published rule that holds for all of them.
func checkFrench(code string) bool {
	key := number(code[:2])
	if key < 0 {
		return true
	}
	siren := code[2:]
	if siren[:3] != "000" && !luhn(siren) { // Monaco has no SIREN
		return false
	}
	return key == number(siren+"12")%97
}

func checkBritish(code string) bool {
	if code[0] == 'G' || code[0] == 'H' {
		return true
	}
	sum := 0
	for i, d := range digitsOf(code[:7]) {
		sum += d * (8 - i)
	}
	rest := (sum + number(code[7:9])) % 97
	return rest == 0 || code[0] != '0' && (rest == 42 || rest == 55)
}

// checkDutch is the old rule by digits, or that of 2020 over the whole number.
func checkDutch(code string) bool {
	digits := digitsOf(code[:9])
	sum := -digits[8]
	for i := range 8 {
		sum += digits[i] * (9 - i)
	}
	return sum%11 == 0 || remainder97("NL"+code) == 1
}

// checkCreditor leaves out the creditor's own three characters.
func checkCreditor(code string) bool { return remainder97(code[7:]+code[:4]) == 1 }

func argentinian(sum int) int {
	const doubled = 10 // has no digit of its own
	switch check := 11 - sum%11; check {
	case 11:
		return 0
	case doubled:
		return 9
	default:
		return check
	}
}

var (
	bulgarianPerson    = lastDigit(elevenTen, 2, 4, 8, 5, 10, 9, 7, 3, 6)
	bulgarianForeigner = lastDigit(rest(10), 21, 19, 17, 13, 11, 9, 7, 3, 1)
	finnish            = weighted(11, 7, 9, 10, 5, 8, 4, 2, 1)
	norwegian          = weighted(11, 3, 2, 7, 6, 5, 4, 3, 2, 1)
	romanianPerson     = lastDigit(func(sum int) int {
		if sum%11 == 10 {
			return 1
		}
		return sum % 11
	}, 2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9)
)

func checkBulgarian(code string) bool {
	digits := digitsOf(code)
	if len(digits) == 10 {
		return bulgarianPerson(code) || bulgarianForeigner(code) ||
			(11-sumOf(digits[:9], []int{4, 3, 2, 7, 6, 5, 4, 3, 2})%11)%11 == digits[9]
	}
	check := sumOf(digits[:8], []int{1, 2, 3, 4, 5, 6, 7, 8}) % 11
	if check == 10 {
		check = sumOf(digits[:8], []int{3, 4, 5, 6, 7, 8, 9, 10}) % 11
	}
	return check%10 == digits[8]
}

func checkChilean(code string) bool {
	last := len(code) - 1
	sum := rightSum(digitsOf(code[:last]), func(place int) int { return 4 + ((5-place)%6+6)%6 })
	return "0123456789K"[sum%11] == code[last]
}

func checkChineseCredit(code string) bool {
	const alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
	sum, weight := 0, 1
	for i := range 17 {
		sum += strings.IndexByte(alphabet, code[i]) * weight
		weight = weight * 3 % 31
	}
	return alphabet[(31-sum%31)%31] == code[17]
}

func checkColombian(code string) bool {
	weights := []int{3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71}
	digits := digitsOf(code)
	last := len(digits) - 1
	sum := rightSum(digits[:last], func(place int) int { return weights[place] }) % 11
	return int("01987654321"[sum]-'0') == digits[last]
}

func checkCypriot(code string) bool {
	odd := []int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21}
	sum := 0
	for i, d := range digitsOf(code) {
		if i%2 == 0 {
			d = odd[d]
		}
		sum += d
	}
	return code[:2] != "12" && byte('A'+sum%26) == code[8]
}

func checkCzech(code string) bool {
	digits := digitsOf(code)
	descending := []int{8, 7, 6, 5, 4, 3, 2}
	switch {
	case len(digits) == 8:
		check := (11 - sumOf(digits[:7], descending)%11) % 11
		if check == 0 {
			check = 1
		}
		return digits[0] != 9 && check%10 == digits[7]
	case len(digits) == 9 && digits[0] == 6:
		check := sumOf(digits[1:8], descending) % 11
		return (8-(10-check)%11+10)%10 == digits[8]
	}
	return checkCzechPerson(code)
}

// checkEcuadorian is by the third digit: a person's, an authority's or a company's number.
func checkEcuadorian(code string) bool {
	switch third := code[2]; {
	case third == '9':
		return weighted(11, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)(code[:10])
	case third == '6' && weighted(11, 3, 2, 7, 6, 5, 4, 3, 2, 1)(code[:9]):
		return true
	default:
		return third <= '6' && luhn(code[:10])
	}
}

// checkSpanish is that of persons, of foreigners (X, Y, Z) and of companies, by the first sign.
func checkSpanish(code string) bool {
	const letters = "TRWAGMYFPDXBNJZSQVHLCKE"
	switch first := code[0]; {
	case first >= '0' && first <= '9':
		return letters[number(code[:8])%23] == code[8]
	case first >= 'X' && first <= 'Z':
		return letters[(int(first-'X')*10_000_000+number(code[1:8]))%23] == code[8]
	case first >= 'K' && first <= 'M':
		return letters[number(code[1:8])%23] == code[8]
	}
	for check := range 10 {
		if digit := byte('0' + check); luhn(code[1:8] + string(digit)) {
			return code[8] == digit || code[8] == "JABCDEFGHI"[check]
		}
	}
	return false
}

func checkGreek(code string) bool {
	digits := digitsOf(code)
	last := len(digits) - 1
	sum := 0
	for _, d := range digits[:last] {
		sum = sum*2 + d
	}
	return sum*2%11%10 == digits[last]
}

func checkGuatemalan(code string) bool {
	last := len(code) - 1
	sum := rightSum(digitsOf(code[:last]), func(place int) int { return place + 2 })
	return "0123456789K"[(11-sum%11)%11] == code[last]
}

// checkIrish is for numbers of today, and for old ones with a sign in second place.
func checkIrish(code string) bool {
	if code[1] >= '0' && code[1] <= '9' {
		return irishLetter(code[:7], code[8:]) == code[7]
	}
	return irishLetter("0"+code[2:7]+code[:1], "") == code[7]
}

func checkJapanese(code string) bool {
	digits := digitsOf(code)
	sum := rightSum(digits[1:], func(place int) int { return 1 + place%2 })
	return 9-sum%9 == digits[0]
}

// checkLatvian is for companies, whose first digit is above 3, and for persons.
func checkLatvian(code string) bool {
	digits := digitsOf(code)
	if digits[0] > 3 {
		return sumOf(digits, []int{9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1})%11 == 3
	}
	return (1+sumOf(digits[:10], []int{10, 5, 8, 4, 2, 1, 6, 3, 7, 9}))%11%10 == digits[10]
}

func checkMonegasque(code string) bool { return checkFrench(strings.TrimPrefix(code, "FR")) }

func checkMauritian(code string) bool {
	const alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	sum := 0
	for i := range 13 {
		sum += (14 - i) * strings.IndexByte(alphabet, code[i])
	}
	return alphabet[(17-sum%17)%17] == code[13]
}

func checkNewZealand(code string) bool {
	digits := digitsOf(code)
	if n := number(code); n <= 10_000_000 || n >= 150_000_000 {
		return false
	}
	if len(digits) == 8 {
		digits = slices.Concat([]int{0}, digits)
	}
	check := (11 - sumOf(digits[:8], []int{3, 2, 7, 6, 5, 4, 3, 2})%11) % 11
	if check == 10 {
		check = (11 - sumOf(digits[:8], []int{7, 4, 3, 2, 5, 2, 7, 6})%11) % 11
	}
	return check == digits[8]
}

func checkPolishUnit(code string) bool {
	short := lastDigit(elevenTen, 8, 9, 2, 3, 4, 5, 6, 7)
	if len(code) == 9 {
		return short(code)
	}
	return short(code[:9]) && lastDigit(elevenTen, 2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8)(code)
}

func checkParaguayan(code string) bool {
	digits := digitsOf(code)
	last := len(digits) - 1
	sum := rightSum(digits[:last], func(place int) int { return place + 2 })
	return (11-sum%11)%11%10 == digits[last]
}

func checkRomanian(code string) bool {
	digits := digitsOf(code)
	if len(digits) == 13 {
		return digits[0] > 0 && romanianPerson(code)
	}
	weights := []int{2, 3, 5, 7, 1, 2, 3, 5, 7}
	last := len(digits) - 1
	sum := rightSum(digits[:last], func(place int) int { return weights[place] })
	return digits[0] > 0 && sum*10%11%10 == digits[last]
}

// checkRussian is for companies, and for persons with two digits to check.
func checkRussian(code string) bool {
	if len(code) == 10 {
		return lastDigit(elevenTen, 2, 4, 10, 3, 5, 9, 4, 6, 8)(code)
	}
	return lastDigit(elevenTen, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)(code[:11]) &&
		lastDigit(elevenTen, 3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)(code)
}

func checkSlovenian(code string) bool {
	return lastDigit(func(sum int) int {
		if check := 11 - sum%11; check != 10 {
			return check
		}
		return 0
	}, 8, 7, 6, 5, 4, 3, 2)(code)
}

// checkSlovak is for companies, and for persons by their number of birth.
func checkSlovak(code string) bool {
	company := code[0] != '0' && strings.Contains("234789", code[2:3]) && number(code)%11 == 0
	return company || checkCzechPerson(code)
}

func checkTurkish(code string) bool {
	digits := digitsOf(code)
	first, all := 0, 0
	for i, d := range digits[:9] {
		first += d * (3 - i%2*2)
		all += d
	}
	check := (10 - first%10) % 10
	return check == digits[9] && (check+all)%10 == digits[10]
}

func checkVenezuelan(code string) bool {
	digits := digitsOf(code)
	sum := 4*(1+strings.IndexByte("VEJPG", code[0])) + sumOf(digits[:8], []int{3, 2, 7, 6, 5, 4, 3, 2})
	return int("00987654321"[sum%11]-'0') == digits[8]
}
