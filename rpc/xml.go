package rpc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/rpc/v2"
)

// xmlCodec is XML-RPC at the addresses of JSON-RPC, for programs. It only
// rewrites: a request into the JSON that means the same, and the JSON of a
// result into XML; all between them is done as for JSON.
type xmlCodec struct{}

// NewRequest reads the request. What is wrong with it is told later, by Method.
func (xmlCodec) NewRequest(r *http.Request) rpc.CodecRequest {
	q := &xmlRequest{&request{exchange: exchangeOf(r), began: time.Now()}}
	q.err = q.read(r)
	return q
}

// xmlRequest is one call in XML.
type xmlRequest struct{ *request }

func (q *xmlRequest) read(r *http.Request) error {
	body, err := q.body(r)
	if err != nil {
		return err
	}
	name, params, err := readXMLCall(body)
	if err != nil {
		return &refusal{status: http.StatusBadRequest, text: "The body is no call of XML-RPC: " + err.Error()}
	}
	q.name, q.call.Name, q.call.raw = name, name, params
	q.call.Params, err = decodeParams(params)
	return err
}

// WriteResponse sends a result.
func (q *xmlRequest) WriteResponse(w http.ResponseWriter, v any) {
	reply := v.(*Reply)
	body, err := appendXML([]byte(xmlBegin+"<params>\n<param>\n"), reply.result)
	if err != nil { // cannot be: we wrote it ourselves
		q.WriteError(w, 0, err)
		return
	}
	if reply.cache > 0 {
		w.Header().Set("X-Tryton-Cache", strconv.Itoa(int(reply.cache.Seconds())))
	}
	q.send(w, append(body, "</param>\n</params>\n"+xmlEnd...))
	q.record(http.StatusOK, nil, outcome{})
}

const (
	xmlBegin = "<?xml version='1.0'?>\n<methodResponse>\n"
	xmlEnd   = "</methodResponse>\n"
)

func (q *xmlRequest) send(w http.ResponseWriter, body []byte) {
	w.Header().Set("Content-Type", "text/xml")
	w.Header().Set("Cache-Control", "no-store")
	w.Write(body)
}

// WriteError sends a fault, or the status of HTTP that JSON-RPC would have.
func (q *xmlRequest) WriteError(w http.ResponseWriter, _ int, err error) {
	o := q.outcome(err)
	status := http.StatusOK
	if o.refused != nil {
		status = o.refused.status
		o.refused.write(w)
	} else {
		q.send(w, fault(o.elements))
	}
	q.record(status, err, o)
}

// fault is an error as trytond writes it: what clients act on has a code of its
// own, anything else is 255.
func fault(elements []any) []byte {
	code, text := 255, fmt.Sprint(elements[0])
	detail, _ := elements[1].([]any)
	switch {
	case elements[0] == "UserError" && len(detail) == 3:
		code, text = 1, fmt.Sprintf("%v - %v", detail[0], detail[1])
	case elements[0] == "UserWarning" && len(detail) == 3:
		code, text = 2, fmt.Sprintf("%v - %v", detail[1], detail[2])
	case elements[0] == "LoginException" && len(detail) == 3:
		code, text = 3, fmt.Sprintf("('LoginException', ('%v', '%v', '%v'))", detail...)
	case elements[0] == "ConcurrencyException":
		code, text = 4, fmt.Sprint(elements[1])
	}
	var b bytes.Buffer
	b.WriteString(xmlBegin + "<fault>\n<value><struct>\n<member>\n<name>faultCode</name>\n<value><int>" + strconv.Itoa(code) +
		"</int></value>\n</member>\n<member>\n<name>faultString</name>\n<value><string>")
	b.WriteString(escapeXML(text))
	b.WriteString("</string></value>\n</member>\n</struct></value>\n</fault>\n" + xmlEnd)
	return b.Bytes()
}

// escapeXML writes a text. What XML cannot hold becomes U+FFFD.
func escapeXML(text string) string {
	clean := strings.Map(func(r rune) rune {
		if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
			return '\uFFFD'
		}
		return r
	}, text)
	return xmlEscaper.Replace(strings.ToValidUTF8(clean, "\uFFFD"))
}

// A carriage return would be read as a new line.
var xmlEscaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", "\r", "&#13;")

// appendXML adds the XML of a result in JSON.
func appendXML(dst, result []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(result))
	decoder.UseNumber()
	var v any
	if err := decoder.Decode(&v); err != nil {
		return nil, err
	}
	return xmlValue(dst, v), nil
}

// xmlValue writes one value. Points in time and bytes have types of their own
// in XML-RPC; the others that it lacks are structures with a __class__, as in JSON.
func xmlValue(dst []byte, v any) []byte {
	dst = append(dst, "<value>"...)
	switch v := v.(type) {
	case nil:
		dst = append(dst, "<nil/>"...)
	case bool:
		dst = xmlScalar(dst, "boolean", map[bool]string{false: "0", true: "1"}[v])
	case json.Number:
		dst = xmlScalar(dst, numberKind(v), v.String())
	case string:
		dst = xmlScalar(dst, "string", escapeXML(v))
	case []any:
		dst = append(dst, "<array><data>\n"...)
		for _, element := range v {
			dst = xmlValue(dst, element)
		}
		dst = append(dst, "</data></array>"...)
	case map[string]any:
		dst = xmlObject(dst, v)
	}
	return append(dst, "</value>\n"...)
}

func numberKind(n json.Number) string {
	if strings.ContainsAny(n.String(), ".eE") {
		return "double"
	}
	if _, err := strconv.ParseInt(n.String(), 10, 32); err != nil {
		return "biginteger"
	}
	return "int"
}

func xmlScalar(dst []byte, kind, text string) []byte {
	return append(dst, "<"+kind+">"+text+"</"+kind+">"...)
}

// xmlTime is how XML-RPC writes a point in time.
const xmlTime = "20060102T15:04:05"

func xmlObject(dst []byte, object map[string]any) []byte {
	switch object["__class__"] {
	case "bytes":
		return xmlScalar(dst, "base64", fmt.Sprint(object["base64"]))
	case "datetime":
		part := func(name string) int64 {
			number, _ := object[name].(json.Number)
			n, _ := number.Int64()
			return n
		}
		return xmlScalar(dst, "dateTime.iso8601", fmt.Sprintf("%04d%02d%02dT%02d:%02d:%02d", part("year"), part("month"), part("day"),
			part("hour"), part("minute"), part("second")))
	}
	dst = append(dst, "<struct>\n"...)
	for _, name := range slices.Sorted(maps.Keys(object)) {
		dst = append(dst, "<member>\n<name>"+escapeXML(name)+"</name>\n"...)
		dst = append(xmlValue(dst, object[name]), "</member>\n"...)
	}
	return append(dst, "</struct>"...)
}
