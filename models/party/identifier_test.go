package party

import "testing"

func TestIdentifierKinds(t *testing.T) {
	for _, test := range []struct {
		kind, code, compact string
		valid               bool
	}{
		{"eu_vat", "BE 0403.019.261", "BE0403019261", true},
		{"eu_vat", "BE0403019262", "BE0403019262", false},
		{"eu_vat", "DE 136,695 976", "DE136695976", true},
		{"eu_vat", "DE136695978", "DE136695978", false},
		{"eu_vat", "FR 40 303 265 045", "FR40303265045", true},
		{"eu_vat", "FR 41 303 265 045", "FR41303265045", false},
		{"eu_vat", "NL4495445B01", "NL4495445B01", false},
		{"eu_vat", "NL 004495445B01", "NL004495445B01", true},
		{"eu_vat", "AT U13585627", "ATU13585627", true},
		{"eu_vat", "XX123456789", "XX123456789", false},
		{"eu_vat", "B", "B", false},
		{"be_vat", "BE 403 019 261", "BE403019261", false},
		{"be_vat", "BE 0403 019 261", "0403019261", true},
		{"de_vat", "136695976", "136695976", true},
		{"it_iva", "IT 00743110157", "00743110157", true},
		{"it_iva", "00743110158", "00743110158", false},
		{"lu_tva", "150 274 42", "15027442", true},
		{"lu_tva", "15027443", "15027443", false},
		{"dk_cvr", "DK 13585628", "13585628", true},
		{"fi_alv", "FI 20774740", "20774740", true},
		{"fi_alv", "20774741", "20774741", false},
		{"pl_nip", "PL 8567346215", "8567346215", true},
		{"pl_nip", "8567346216", "8567346216", false},
		{"pt_nif", "PT 501 964 843", "501964843", true},
		{"se_vat", "SE 123456789701", "123456789701", true},
		{"se_vat", "123456789101", "123456789101", false},
		{"gb_vat", "GB 980 7806 84", "980780684", true},
		{"gb_vat", "802311781", "802311781", false},
		{"ch_uid", "CHE-100.155.212", "CHE100155212", true},
		{"ch_uid", "CHE-100.155.213", "CHE100155213", false},
		{"ch_vat", "CHE-107.787.577 IVA", "CHE107787577IVA", true},
		{"no_orgnr", "988 077 917", "988077917", true},
		{"au_abn", "83 914 571 673", "83914571673", true},
		{"au_abn", "99 999 999 999", "99999999999", false},
		{"br_cnpj", "16.727.230/0001-97", "16727230000197", true},
		{"br_cnpj", "16727230000198", "16727230000198", false},
		{"at_vnr", "1237 010180", "1237010180", true},
		{"eu_at_02", "ES 23 ZZZ 47690558N", "ES23ZZZ47690558N", true},
		{"eu_at_02", "ES2300047690558N", "ES2300047690558N", true},
		{"eu_at_02", "ES2400047690558N", "ES2400047690558N", false},
		{"us_ein", "91-1144442", "911144442", true},
		{"us_ssn", "536-90-4399", "536904399", true},
		{"us_ssn", "666-00-0000", "666000000", false},
	} {
		kind, known := kindOf(test.kind)
		if !known {
			t.Errorf("%s is no kind", test.kind)
			continue
		}
		compact := kind.compact(test.code)
		if compact != test.compact || kind.valid(compact) != test.valid {
			t.Errorf("%s %q: got %q %v, want %q %v", test.kind, test.code, compact, kind.valid(compact), test.compact, test.valid)
		}
	}
}

func TestCompactValue(t *testing.T) {
	for _, test := range []struct{ kind, value, want string }{
		{"phone", "+32 (0)2 123.45-67", "+32021234567"},
		{"mobile", "0123/456 789", "0123456789"},
		{"email", "bob @ example.com", "bob @ example.com"},
	} {
		if got := compactValue(test.kind, test.value); got != test.want {
			t.Errorf("%s %q: got %q, want %q", test.kind, test.value, got, test.want)
		}
	}
}

func TestUnknownVariable(t *testing.T) {
	for format, want := range map[string]string{
		everywhere:               "",
		"${CITY} ${postal_code}": "",
		"${City}":                "${City}",
		"${street} ${secret}":    "${secret}",
		"$street":                "",
	} {
		if got := unknownVariable(format); got != want {
			t.Errorf("%q: got %q, want %q", format, got, want)
		}
	}
	for key, format := range shapes() {
		if got := unknownVariable(format); got != "" {
			t.Errorf("%s: %s", key, got)
		}
	}
}
