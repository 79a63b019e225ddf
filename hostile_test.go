package main

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// hostileRequest is one of rpc/testdata/hostile, whose README.txt describes the form.
type hostileRequest struct {
	name string
	want []string // of the answers, in order
	send []piece
}

// piece is a text that is sent so many times, with a pause between; half ends the sending instead.
type piece struct {
	text  string
	times int
	every time.Duration
	half  bool
}

// TestHostileRequests sends each to the running program, all but at the same time, on both databases. None changes anything, is a
// fault of the server, or keeps it from serving others.
func TestHostileRequests(t *testing.T) {
	files, err := filepath.Glob("rpc/testdata/hostile/*.txt")
	if err != nil {
		t.Fatal(err)
	}
	var requests []hostileRequest
	for _, path := range files {
		if filepath.Base(path) != "README.txt" {
			requests = append(requests, readHostile(t, path)...)
		}
	}
	if len(requests) < 100 {
		t.Fatalf("only %d requests in %v", len(requests), files)
	}
	onEach(t, nil, func(b *bench) {
		b.app.patience = patience{head: 3 * time.Second, body: 12 * time.Second, send: 20 * time.Second}
		b.serve([]string{roleRPC, roleCheckout})
		clerk := b.session(demoUser, demoPassword)
		b.unchanged(func() { clerk.replay(requests) })
		clerk.on(b.T).must("model.party.party.search_count", []any{})
		log := b.readLog()
		for _, fault := range []string{"panic", "call failed", "\x1b"} {
			if i := bytes.Index(log, []byte(fault)); i >= 0 {
				b.Errorf("the log holds %q: %.2000s", fault, log[i:])
			}
		}
	})
}

// readHostile reads a file of requests.
func readHostile(t *testing.T, path string) []hostileRequest {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var all []hostileRequest
	for number, line := range strings.Split(string(content), "\n") {
		now := len(all) - 1
		switch {
		case line == "" || strings.HasPrefix(line, "#"):
		case strings.HasPrefix(line, "= "):
			all = append(all, hostileRequest{name: strings.TrimSuffix(filepath.Base(path), ".txt") + ": " + line[2:]})
		case strings.HasPrefix(line, "> "):
			all[now].want = strings.Fields(line[2:])
		default:
			p, err := readPiece(line)
			if err != nil {
				t.Fatalf("%s:%d: %v", path, number+1, err)
			}
			all[now].send = append(all[now].send, p)
		}
	}
	return all
}

func readPiece(line string) (p piece, err error) {
	p.times = 1
	if line == "half" {
		return piece{half: true}, nil
	}
	if size, ok := strings.CutPrefix(line, "zeros "); ok {
		n, err := strconv.Atoi(size)
		p.text = string(bomb(n << 20))
		return p, err
	}
	quoted, err := strconv.QuotedPrefix(line)
	if err != nil {
		return p, err
	}
	if p.text, err = strconv.Unquote(quoted); err != nil {
		return p, err
	}
	times, every, slow := strings.Cut(strings.TrimPrefix(line[len(quoted):], " * "), " / ")
	if times != "" {
		p.times, err = strconv.Atoi(times)
	}
	if slow && err == nil {
		p.every, err = time.ParseDuration(every)
	}
	return p, err
}

// replay sends the requests, four at a time.
func (c *client) replay(requests []hostileRequest) {
	places := make(chan struct{}, 4)
	var all sync.WaitGroup
	for _, request := range requests {
		all.Go(func() {
			if request.slow() { // costs nothing but time
				c.hostile(request)
				return
			}
			places <- struct{}{}
			defer func() { <-places }()
			c.hostile(request)
		})
	}
	all.Wait()
}

func (h hostileRequest) slow() bool {
	for _, p := range h.send {
		if p.every > 0 {
			return true
		}
	}
	return false
}

// hostile sends one and compares what comes back.
func (c *client) hostile(request hostileRequest) {
	connection, err := net.Dial("tcp", strings.TrimPrefix(c.url, "http://"))
	if err != nil {
		c.Errorf("%s: %v", request.name, err)
		return
	}
	defer connection.Close()
	const limit = 2 * time.Minute
	connection.SetDeadline(time.Now().Add(limit))
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		c.sendPieces(connection.(*net.TCPConn), request.send)
	}()
	began := time.Now()
	got := readAnswers(c.T, request.name, connection)
	connection.Close()
	<-sent
	if !sameAnswers(got, request.want) {
		c.Errorf("%s: %v comes back, want %v", request.name, got, request.want)
	}
	if took := time.Since(began); took > time.Minute {
		c.Errorf("%s: it took %v", request.name, took)
	}
}

// sendPieces sends all there is, or as much as the server takes.
func (c *client) sendPieces(connection *net.TCPConn, pieces []piece) {
	const head = "Host: x\r\nContent-Type: application/json\r\nContent-Length: {length}\r\nConnection: close\r\n"
	fill := strings.NewReplacer("{call}", "POST /{db}/ HTTP/1.1\r\nAuthorization: {session}\r\n"+head+"\r\n", "{stranger}", "POST /{db}/ HTTP/1.1\r\n"+head+"\r\n",
		"{xml}", strings.Replace("POST /{db}/ HTTP/1.1\r\nAuthorization: {session}\r\n"+head+"\r\n", "application/json", "text/xml", 1)).Replace
	_, after, _ := strings.Cut(fill(pieces[0].text), "\r\n\r\n")
	length := len(after)*pieces[0].times + size(pieces[1:])
	if !strings.Contains(fill(pieces[0].text), "\r\n\r\n") { // the head ends in a later piece
		for i := 1; i < len(pieces); i++ {
			if _, after, found := strings.Cut(pieces[i].text, "\r\n\r\n"); found {
				length = len(after) + size(pieces[i+1:])
				break
			}
		}
	}
	values := strings.NewReplacer("{db}", c.name, "{session}", c.authorization, "{length}", strconv.Itoa(length))
	for _, p := range pieces {
		if p.half {
			connection.CloseWrite()
			return
		}
		text := values.Replace(fill(p.text))
		if p.every == 0 {
			text = strings.Repeat(text, p.times)
			p.times = 1
		}
		for range p.times {
			if _, err := io.WriteString(connection, text); err != nil {
				return
			}
			time.Sleep(p.every)
		}
	}
}

func size(pieces []piece) (n int) {
	for _, p := range pieces {
		n += len(p.text) * p.times
	}
	return n
}

// readAnswers reads what comes back until the connection ends: statuses, or "closed" where there is none at all.
func readAnswers(t *testing.T, name string, connection net.Conn) (got []string) {
	reader := bufio.NewReader(connection)
	for {
		response, err := http.ReadResponse(reader, nil)
		if err != nil {
			if timeout, ok := errors.AsType[net.Error](err); ok && timeout.Timeout() {
				return append(got, "open")
			}
			if len(got) == 0 {
				return []string{"closed"}
			}
			return got
		}
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		if err != nil { // the connection was cut for what was still on its way
			return append(got, strconv.Itoa(response.StatusCode))
		}
		if response.StatusCode == http.StatusContinue {
			continue
		}
		if bytes.Contains(body, []byte("Internal server error")) {
			t.Errorf("%s: %s", name, body)
		}
		if place := response.Header.Get("Location"); place != "" && !localPath.MatchString(place) {
			t.Errorf("%s: leads to %s", name, place)
		}
		got = append(got, strconv.Itoa(response.StatusCode))
	}
}

// localPath is an address that leads to no other host.
var localPath = regexp.MustCompile(`^/([^/\\]|$)`)

// sameAnswers compares with what the file wants: "400", "400/413", "4xx".
func sameAnswers(got, want []string) bool {
	if len(got) != len(want) {
		return false
	}
	for i := range got {
		found := false
		for _, one := range strings.Split(want[i], "/") {
			found = found || one == got[i] || one == "4xx" && strings.HasPrefix(got[i], "4")
		}
		if !found {
			return false
		}
	}
	return true
}
