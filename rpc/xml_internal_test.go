package rpc

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"paytond/models/value"
)

// xmlCall is a call with one parameter, given as JSON.
func xmlCall(t interface{ Fatal(...any) }, param []byte) []byte {
	body, err := appendXML([]byte("<?xml version='1.0'?><methodCall><methodName>m</methodName><params><param>"), param)
	if err != nil {
		t.Fatal(err)
	}
	return append(body, "</param></params></methodCall>"...)
}

// TestXMLRoundTrip writes values and reads them back: nothing is lost but fractions of a second.
func TestXMLRoundTrip(t *testing.T) {
	var generate func(depth int) *rapid.Generator[anyValue]
	generate = func(depth int) *rapid.Generator[anyValue] {
		kinds := []*rapid.Generator[anyValue]{
			rapid.Just[anyValue](nil),
			rapid.Map(rapid.Bool(), func(v bool) anyValue { return v }),
			rapid.Map(rapid.Int64(), func(v int64) anyValue { return v }),
			rapid.Map(rapid.Float64().Filter(func(f float64) bool { return !math.IsInf(f, 0) }), func(v float64) anyValue { return v }),
			rapid.Map(rapid.StringMatching(`[ -~\t\n\r☃é]{0,20}`), func(v string) anyValue { return v }),
			rapid.Map(rapid.SliceOf(rapid.Byte()), func(v []byte) anyValue { return v }),
			rapid.Map(rapid.Int64Range(-1e9, 4e9), func(v int64) anyValue { return time.Unix(v, 0).UTC() }),
			rapid.Map(rapid.StringMatching(`-?[0-9]{1,20}\.[0-9]{1,10}`), func(v string) anyValue { return value.MustParse(v) }),
		}
		if depth > 0 {
			kinds = append(kinds, rapid.Map(rapid.SliceOfN(generate(depth-1), 0, 4), func(v []anyValue) anyValue { return v }),
				rapid.Map(rapid.MapOfN(rapid.StringMatching(`[a-z.]{1,8}`), generate(depth-1), 0, 4), func(v map[string]anyValue) anyValue { return v }))
		}
		return rapid.OneOf(kinds...)
	}
	rapid.Check(t, func(t *rapid.T) {
		want, err := value.Encode(generate(3).Draw(t, "value"))
		if err != nil {
			t.Fatal(err)
		}
		name, params, err := readXMLCall(xmlCall(t, want))
		if err != nil || name != "m" {
			t.Fatalf("%q %v", name, err)
		}
		got, err := decodeParams(params)
		wanted, _ := decodeParams(append(append([]byte("["), want...), ']'))
		if diff := cmp.Diff(wanted, got, cmp.Comparer(func(a, b value.Decimal) bool { return a.String() == b.String() })); err != nil || diff != "" {
			t.Errorf("%v %s", err, diff)
		}
	})
}

type anyValue = any

// TestXMLValues reads what other programs write.
func TestXMLValues(t *testing.T) {
	for in, want := range map[string]string{
		"<value>bare &amp; text</value>":                                        `"bare & text"`,
		"<value></value>":                                                       `""`,
		"<value><string/></value>":                                              `""`,
		"<value> <i4> -5 </i4> </value>":                                        `-5`,
		"<value><i8>+9000000000</i8></value>":                                   `9000000000`,
		"<value><biginteger>12345678901</biginteger></value>":                   `12345678901`,
		"<value><double>1</double></value>":                                     `1.0`,
		"<value><bigdecimal>2.50</bigdecimal></value>":                          `{"__class__":"Decimal","decimal":"2.50"}`,
		"<value><boolean>1</boolean></value>":                                   `true`,
		"<value><ex:nil xmlns:ex='x'/></value>":                                 `null`,
		"<value><base64>\n aGk=\n</base64></value>":                             `{"__class__":"bytes","base64":"aGk="}`,
		"<value><array><data></data></array></value>":                           `[]`,
		"<value><struct></struct></value>":                                      `{}`,
		"<value><dateTime.iso8601>20261124T10:20:30</dateTime.iso8601></value>": `{"__class__":"datetime","year":2026,"month":11,"day":24,"hour":10,"minute":20,"second":30,"microsecond":0}`,
	} {
		_, params, err := readXMLCall([]byte("<methodCall><methodName>m</methodName><params><param>" + in + "</param></params></methodCall>"))
		got, e := decodeParams(params)
		wanted, _ := decodeParams([]byte("[" + want + "]"))
		if diff := cmp.Diff(wanted, got, cmp.Comparer(func(a, b value.Decimal) bool { return a.String() == b.String() })); err != nil || e != nil || diff != "" {
			t.Errorf("%s: %v %v %s", in, err, e, diff)
		}
	}
}

// TestXMLRefused gives what is no call.
func TestXMLRefused(t *testing.T) {
	deep := strings.Repeat("<value><array><data>", 300) + strings.Repeat("</data></array></value>", 300)
	for _, value := range []string{"<value><int>x</int></value>", "<value><int>1</int><int>2</int></value>", "<value><boolean>true</boolean></value>",
		"<value><double>NaN</double></value>", "<value><double>1e999</double></value>", "<value><base64>*</base64></value>",
		"<value><dateTime.iso8601>yesterday</dateTime.iso8601></value>", "<value><struct><member><name>a</name></member></struct></value>",
		"<value><thing/></value>", "<value>&e;</value>", "<other/>", deep, "<value><int>" + strings.Repeat("1", 100_000) + "</int></value>"} {
		if _, params, err := readXMLCall([]byte("<methodCall><methodName>m</methodName><params><param>" + value + "</param></params></methodCall>")); err == nil {
			t.Errorf("%.200s is read as %s", value, params)
		}
	}
	for _, body := range []string{"", "<", "<methodResponse/>", "<methodCall/>", "<methodCall><methodName></methodName></methodCall>",
		"<?xml version='1.0' encoding='klingon'?><methodCall><methodName>m</methodName></methodCall>",
		`<!DOCTYPE x [<!ENTITY e "eeee">]><methodCall><methodName>&e;</methodName></methodCall>`} {
		if name, _, err := readXMLCall([]byte(body)); err == nil {
			t.Errorf("%s is read as a call of %s", body, name)
		}
	}
}

func FuzzXMLCall(f *testing.F) {
	f.Add([]byte("<methodCall><methodName>m</methodName><params><param><value><array><data><value><int>1</int></value></data></array></value></param></params></methodCall>"))
	f.Add([]byte("<methodCall><methodName>m</methodName><params><param><value><struct><member><name>a</name><value><nil/></value></member></struct></value></param></params></methodCall>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		name, params, err := readXMLCall(body)
		if err != nil {
			return
		}
		if name == "" || !bytes.HasPrefix(params, []byte("[")) {
			t.Errorf("%q %s", name, params)
		}
		// What decodes is written and read again as it was.
		decoded, err := decodeParams(params)
		if err != nil {
			return
		}
		if again, err := value.Encode(decoded); err != nil || len(again) == 0 {
			t.Errorf("%s: %v", params, err)
		}
	})
}
