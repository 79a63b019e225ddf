package party

import (
	"fmt"
	"sort"
	"strings"

	"paytond/models"
	"paytond/models/ir"
)

// The usual shapes of addresses; countries that write them so stand below.
const (
	codeCity     = "${party_name}\n${attn}\n${name}\n${street}\n${postal_code} ${city}\n${COUNTRY}"
	codeCAPITALS = "${party_name}\n${attn}\n${name}\n${street}\n${postal_code} ${CITY}\n${COUNTRY}"
	cityCode     = "${party_name}\n${attn}\n${name}\n${street}\n${city} ${postal_code}\n${COUNTRY}"
	codePart     = "${party_name}\n${attn}\n${name}\n${street}\n${postal_code} ${city}\n${subdivision}\n${COUNTRY}"
	cityPart     = "${party_name}\n${attn}\n${name}\n${street}\n${city}, ${subdivision} ${postal_code}\n${COUNTRY}"
)

// shapes are the formats by country, or country and language, as the postal
// services recommend them.
func shapes() map[string]string {
	m := map[string]string{
		"AU": "${party_name}\n${attn}\n${name}\n${street}\n${CITY} ${SUBDIVISION_CODE} ${POSTAL_CODE}\n${COUNTRY}",
		"BR": "${party_name}\n${attn}\n${street}\n${name}\n${city} - ${subdivision_code}\n${postal_code}\n${COUNTRY}",
		"CA": "${ATTN}\n${PARTY_NAME}\n${NAME}\n${STREET}\n${CITY} ${SUBDIVISION_CODE} ${POSTAL_CODE}\n${COUNTRY}",
		"CN": "${party_name}\n${attn}\n${name}\n${street}\n${city}, ${subdivision}\n${POSTAL_CODE} ${COUNTRY}",
		"FR": "${party_name}\n${attn}\n${name}\n${street}\n${POSTAL_CODE} ${CITY}\n${COUNTRY}",
		"GB": "${party_name}\n${attn}\n${name}\n${street}\n${CITY}\n${POSTAL_CODE}\n${COUNTRY}",
		"HU": "${party_name}\n${attn}\n${city}\n${street}\n${postal_code}\n${COUNTRY}",
		"IE": "${party_name}\n${attn}\n${name}\n${street}\n${city}\n${subdivision}\n${POSTAL_CODE}\n${COUNTRY}",
		"IT": "${party_name}\n${attn}\n${name}\n${street}\n${postal_code} ${city} ${SUBDIVISION_CODE}\n${COUNTRY}",
		"JP": "${party_name}\n${attn}\n${street}\n${city}, ${SUBDIVISION} ${postal_code}\n${COUNTRY}",
		"US": "${attn}\n${party_name}\n${name}\n${street}\n${city}, ${subdivision_code} ${postal_code}\n${COUNTRY}",

		"CA fr": "${attn}\n${party_name}\n${name}\n${street}\n${city} (${subdivision}) ${postal_code}\n${COUNTRY}",
	}
	for shape, countries := range map[string]string{
		codeCity:     "AT BE BG CH CZ DE DK EE FI HR IS LI LT LU PL PT RO RS SE SI SK TR",
		codeCAPITALS: "GR MC NL NO",
		cityCode:     "IL LV NZ SA SG TH",
		codePart:     "ES MY",
		cityPart:     "IN KR MX TW",
	} {
		for _, code := range strings.Fields(countries) {
			m[code] = shape
		}
	}
	return m
}

// formats are the records of the address formats, and the kinds of
// subdivisions of the countries whose addresses name one kind only.
func formats() ir.Parts {
	m := shapes()
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	var parts ir.Parts
	for _, key := range keys {
		code, language, _ := strings.Cut(key, " ")
		values := models.Values{"country_code": code, "format_": m[key], "active": true}
		id := "address_format_" + strings.ToLower(code)
		if language != "" {
			values["language_code"] = language
			id = fmt.Sprintf("%s_%s", id, language)
		}
		parts = append(parts, ir.Raw{ID: id, Model: "party.address.format", Values: values, NoUpdate: true})
	}
	for _, code := range []string{"es", "it"} {
		parts = append(parts, ir.Raw{ID: "address_subdivision_type_" + code, Model: "party.address.subdivision_type", NoUpdate: true,
			Values: models.Values{"country_code": strings.ToUpper(code), "types": []any{"province"}, "active": true}})
	}
	return parts
}
