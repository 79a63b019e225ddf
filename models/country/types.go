package country

import "strings"

// types are the kinds of subdivisions that ISO 3166-2 has or had, in lower case.
const types = `
administration
administrative area
administrative atoll
administrative precinct
administrative region
administrative territory
area
atoll
arctic region
autonomous city
autonomous city in north africa
autonomous commune
autonomous communities
autonomous community
autonomous district
autonomous island
autonomous monastic state
autonomous municipality
autonomous province
autonomous region
autonomous republic
autonomous sector
autonomous territory
autonomous territorial unit
borough
canton
capital
capital city
capital district
capital metropolitan city
capital territory
chain (of islands)
chains (of islands)
city
city corporation
city municipality
city with county rights
commune
constitutional province
council area
country
county
decentralized regional entity
department
dependency
development region
district
district council area
district municipality
districts under republic administration
district with special status
division
economic prefecture
economic region
emirate
entity
federal capital territory
federal dependency
federal district
federal territory
federal territories
free municipal consortium
geographical entity
geographical region
geographical unit
governorate
group of islands (20 inhabited islands)
included for completeness
indigenous region
island
island council
island group
islands, groups of islands
land
local council
london borough
metropolitan administration
metropolitan city
metropolitan cities
metropolitan collectivity with special status
metropolitan department
metropolitan district
metropolitan region
municipalities
municipality
nation
oblast
outlying area
overseas collectivity
overseas collectivity with special status
overseas department
overseas region
overseas region/department
overseas territory
overseas territorial collectivity
pakistan administered area
parish
popularate
popularates
prefecture
principality
province
quarter
rayon
region
regional council
regional state
republic
republican city
rural municipality
self-governed part
special administrative city
special administrative region
special city
special district
special island authority
special municipality
special region
special self-governing city
special self-governing province
special zone
state
territorial unit
territory
town
town council
two-tier county
union territory
unitary authority
unitary authority (england)
unitary authority (wales)
urban community
urban municipality
voivodship
ward
zone`

// Types lists the kinds of subdivisions as a selection: the kind in lower case
// and its label, with an empty choice first.
func Types() [][2]any {
	list := [][2]any{{nil, ""}}
	for kind := range strings.Lines(strings.TrimPrefix(types, "\n")) {
		kind = strings.TrimSuffix(kind, "\n")
		list = append(list, [2]any{kind, strings.ToUpper(kind[:1]) + kind[1:]})
	}
	return list
}
