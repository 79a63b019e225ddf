// Package country is Tryton's module country: the countries of ISO 3166-1 and
// their subdivisions.
//
// The countries are loaded when a database is created, from countries.tsv
// (made by the generator in generate, from the JSON of iso-codes). Those whose
// code is missing are added again at each update: a country that is not wanted
// is deactivated, not deleted. Subdivisions are not loaded, ISO 3166-2 has
// thousands of them and few databases need any; users add those of their
// addresses, with the types of ISO 3166-2.
package country

//go:generate go run ./generate -from /usr/share/iso-codes/json/iso_3166-1.json -to countries.tsv
