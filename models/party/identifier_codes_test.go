package party

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// peers are the kinds that Tryton 6.0 offers with python-stdnum.
const peers = `ad_nrt al_nipt ar_cuit ar_dni at_businessid at_tin at_vnr au_abn au_acn au_tfn be_vat bg_egn bg_pnf bg_vat br_cnpj br_cpf
	by_unp ca_bn ca_sin ch_ssn ch_uid ch_vat cl_rut cn_ric cn_uscc co_nit co_rut cr_cpf cr_cpj cr_cr cu_ni cy_vat cz_dic
	cz_rc de_handelsregisternummer de_idnr de_stnr de_vat dk_cpr dk_cvr do_cedula do_rnc ec_ci ec_ruc ee_ik ee_kmkr
	ee_registrikood es_cif es_dni es_nie es_nif eu_at_02 eu_vat fi_alv fi_associationid fi_hetu fi_veronumero fi_ytunnus
	fr_nif fr_nir fr_tva gb_nhs gb_upn gb_vat gr_amka gr_vat gt_nit hr_oib hu_anum id_npwp ie_pps ie_vat il_hp il_idnr
	in_aadhaar in_pan is_kennitala is_vsk it_codicefiscale it_iva jp_cn kr_brn kr_krn lt_asmens lt_pvm lu_tva lv_pvn mc_tva
	md_idno mt_vat mu_nid mx_rfc my_nric nl_brin nl_bsn nl_btw nl_onderwijsnummer no_fodselsnummer no_mva no_orgnr nz_ird
	pe_cui pe_ruc pl_nip pl_pesel pl_regon pt_nif py_ruc ro_cf ro_cnp ro_onrc rs_pib ru_inn se_orgnr se_personnummer se_vat
	si_ddv sk_dph sk_rc sm_coe tr_tckimlik us_atin us_ein us_itin us_ptin us_ssn us_tin uy_ruc ve_rif za_idnr za_tin`

// peersTax are those of them that tax authorities give, as the peer counts them.
const peersTax = `ad_nrt al_nipt ar_cuit be_vat bg_vat by_unp ch_vat cl_rut cn_uscc co_rut cr_cpj cz_dic de_vat dk_cvr do_rnc
	ec_ruc ee_kmkr es_nif eu_vat fi_alv fr_tva gb_vat gr_vat gt_nit hu_anum id_npwp ie_vat il_hp is_vsk it_iva jp_cn kr_brn
	lt_pvm lu_tva lv_pvn mc_tva md_idno mt_vat mx_rfc nl_btw no_mva nz_ird pe_ruc pl_nip pt_nif py_ruc ro_cf rs_pib ru_inn
	se_vat si_ddv sk_dph sm_coe us_atin us_ein us_itin us_ptin us_ssn us_tin uy_ruc ve_rif za_tin`

// TestIdentifierTypes has the selection offer what the peer's does, in its order.
func TestIdentifierTypes(t *testing.T) {
	var names []string
	for _, choice := range identifierTypes() {
		names = append(names, choice[0].(string))
	}
	if diff := cmp.Diff(strings.Fields(peers), names); diff != "" {
		t.Error(diff)
	}
	var tax []string
	for _, name := range taxTypes() {
		tax = append(tax, name.(string))
	}
	if diff := cmp.Diff(strings.Fields(peersTax), tax); diff != "" {
		t.Error(diff)
	}
}

// TestIdentifierCodes has one code of each kind that the peer takes, made up at random, and one that it refuses (none:
// all that look so are taken).
func TestIdentifierCodes(t *testing.T) {
	for _, test := range []struct{ kind, valid, wrong string }{
		{"ad_nrt", "C813236U", ""},
		{"al_nipt", "K81323649B", ""},
		{"ar_cuit", "23067223071", "23324060216"},
		{"ar_dni", "7644752", ""},
		{"at_tin", "650150766", "764475270"},
		{"at_vnr", "8034600131", "2813236491"},
		{"au_abn", "32201030024", "76447527039"},
		{"au_acn", "452053299", "764475270"},
		{"au_tfn", "81623868", "764475270"},
		{"be_vat", "0415231561", "1813236491"},
		{"bg_egn", "0110104541", "7644752703"},
		{"bg_pnf", "0458632529", "7644752703"},
		{"bg_vat", "1751108199", "764475270"},
		{"br_cnpj", "20994541239303", "76447527039610"},
		{"br_cpf", "02222112532", "76447527039"},
		{"ca_bn", "953718020RP6613", "764475270"},
		{"ca_sin", "953718020", "764475270"},
		{"ch_ssn", "7562171937989", "7567644752703"},
		{"ch_uid", "CHE196086960", "CHE764475270"},
		{"ch_vat", "CHE157075941IVA", "CHE764475270"},
		{"cl_rut", "76447527", "901792314"},
		{"cn_ric", "360426199101010071", "764475270396106175"},
		{"cn_uscc", "8630401840N30C1347", "7644752716WY01E280"},
		{"co_nit", "217193798963", "764475270396106"},
		{"co_rut", "217193798963", "764475270396106"},
		{"cr_cpj", "3104529822", ""},
		{"cr_cr", "17644752703", ""},
		{"cu_ni", "01101045410", ""},
		{"cy_vat", "34310036H", "76447527A"},
		{"cz_dic", "914304440", "9017923141"},
		{"cz_rc", "914304440", "9017923141"},
		{"de_idnr", "94367201569", "28132364916"},
		{"de_stnr", "7644752703", ""},
		{"de_vat", "310240147", "281323649"},
		{"dk_cpr", "0110104541", ""},
		{"dk_cvr", "55205329", "28132364"},
		{"do_cedula", "19608696035", ""},
		{"do_rnc", "000001198", ""},
		{"ec_ci", "1026002723", "7644752703"},
		{"ec_ruc", "2293280420300", "7644752703961"},
		{"ee_ik", "86304018126", "91430444007"},
		{"ee_kmkr", "347600590", "764475270"},
		{"ee_registrikood", "12310036", "78132364"},
		{"es_cif", "W9149589E", "B8132364J"},
		{"es_dni", "91430444Q", "76447527A"},
		{"es_nie", "X9046005J", "Y8132364Z"},
		{"es_nif", "D40417321", "18132364Z"},
		{"eu_at_02", "EC89BE0FVLBZCU2I2Y", "XG24GM0Z16SZ016"},
		{"fi_alv", "34760059", "76447527"},
		{"fi_associationid", "76", ""},
		{"fi_veronumero", "764475270396", ""},
		{"fi_ytunnus", "34760059", "76447527"},
		{"fr_nif", "1813236491661", ""},
		{"fr_nir", "254302A50814770", "764472A49166106"},
		{"fr_tva", "ZT067312538", "90179231419"},
		{"gb_nhs", "4289739318", "7644752703"},
		{"gb_upn", "A350199149200", "B813236491661"},
		{"gb_vat", "GD391", "532406021"},
		{"gr_amka", "03102503962", "76447527039"},
		{"gr_vat", "031025039", "764475270"},
		{"gt_nit", "901792", "76447527"},
		{"hr_oib", "19608696035", "76447527039"},
		{"hu_anum", "03102503", "76447527"},
		{"id_npwp", "953718020316137", "764475270396106"},
		{"ie_pps", "7716801N", "7644752MW"},
		{"ie_vat", "0+69231F", "1Z32406U"},
		{"il_hp", "537832503", "576447527"},
		{"il_idnr", "34", "7644752"},
		{"in_aadhaar", "736209503962", "381323649166"},
		{"in_pan", "XGUGC3649B", ""},
		{"is_kennitala", "7101301160", "7644752709"},
		{"is_vsk", "76447", ""},
		{"it_codicefiscale", "QDHWBV6QTR4D100O", "FDCEPS0UB66B0Q2I"},
		{"it_iva", "04688790197", "76447527039"},
		{"jp_cn", "1955031226929", "7644752703961"},
		{"kr_brn", "7644752703", ""},
		{"lt_asmens", "90179231419", "91430444007"},
		{"lt_pvm", "752053210", "532406019"},
		{"lu_tva", "00779047", "76447527"},
		{"lv_pvn", "14041732193", "76447527039"},
		{"mc_tva", "WR000531466", "FR10000792314"},
		{"md_idno", "2902171421922", "7644752703961"},
		{"mt_vat", "31308272", "28132364"},
		{"mu_nid", "J191096147260A", "B8132364916610"},
		{"mx_rfc", "YESL18020313W", ""},
		{"my_nric", "011010454100", ""},
		{"nl_brin", "15DC60", ""},
		{"nl_bsn", "228001845", "764475270"},
		{"nl_btw", "228001845B43", "764475270B86"},
		{"nl_onderwijsnummer", "107644752", "102917923"},
		{"no_fodselsnummer", "48103503909", "76447527039"},
		{"no_mva", "063020850MVA", "764475270MVA"},
		{"no_orgnr", "063020850", "764475270"},
		{"nz_ird", "70792028", "764475270"},
		{"pe_cui", "76447527", "91430444H"},
		{"pe_ruc", "15324060216", "15024014739"},
		{"pl_nip", "7644752703", "9017923141"},
		{"pl_pesel", "91430444007", "76447527039"},
		{"pl_regon", "102401473", "532406021"},
		{"pt_nif", "214575233", "281323649"},
		{"py_ruc", "914304", "76"},
		{"ro_cf", "16031", "8132364916610"},
		{"ro_cnp", "7380101415383", "2813236491661"},
		{"rs_pib", "045863252", "764475270"},
		{"ru_inn", "5041732193", "5324060216"},
		{"se_orgnr", "9034600131", "7644752703"},
		{"se_vat", "903460013101", "764475270301"},
		{"si_ddv", "41011503", "28132364"},
		{"sk_dph", "3260206917", "7644752703"},
		{"sk_rc", "914304440", "9017923141"},
		{"sm_coe", "76", ""},
		{"tr_tckimlik", "30000219140", "28132364916"},
		{"us_atin", "764475270", ""},
		{"us_ein", "764475270", ""},
		{"us_itin", "978832364", ""},
		{"us_ptin", "P76447527", ""},
		{"us_ssn", "764475270", "901792314"},
		{"us_tin", "532406021", ""},
		{"ve_rif", "V816266960", "G813236491"},
		{"za_idnr", "0110104541021", "7644752703161"},
		{"za_tin", "9816266960", "1813236491"},
	} {
		kind, _ := kindOf(test.kind)
		if got := kind.compact(test.valid); got != test.valid || !kind.valid(got) {
			t.Errorf("%s %s: got %s, not valid", test.kind, test.valid, got)
		}
		if kind.valid(test.wrong) {
			t.Errorf("%s %q is valid", test.kind, test.wrong)
		}
	}
	for _, name := range strings.Fields("at_businessid by_unp cr_cpf de_handelsregisternummer fi_hetu kr_krn ro_onrc se_personnummer uy_ruc") {
		if kind, _ := kindOf(name); !kind.valid(kind.compact("anything 1/2-3")) || kind.compact(" 1/2-3a ") != "1/2-3a" {
			t.Errorf("%s is checked, or changed", name)
		}
	}
}

// TestEuropeanCodes has a European VAT number be checked by the rules of its country.
func TestEuropeanCodes(t *testing.T) {
	eu, _ := kindOf(europeanVAT)
	for country, name := range national {
		kind, known := kindOf(name)
		if !known || !kind.tax && name != "hr_oib" && name != "cy_vat" {
			t.Errorf("%s: %s", country, name)
		}
		if eu.valid(country + "1") {
			t.Errorf("%s1 is valid", country)
		}
	}
	for code, want := range map[string]bool{"ATU13585627": true, "ATU13585626": false, "AT13585627": false, "EL094259216": true, "EL094259217": false,
		"ESX2482300W": true, "ESX2482300A": false, "IE6433435F": true, "IE6433435E": false, "LV40003521600": true, "LV40003521601": false,
		"HU12892312": true, "HU12892313": false, "GB980780684": false} {
		if got := eu.valid(eu.compact(code)); got != want {
			t.Errorf("%s: %v", code, got)
		}
	}
}
