package sql

import (
	"context"
	"sync"
)

// localPosts carries notifications inside the program, for SQLite.
type localPosts struct {
	mu        sync.Mutex
	listeners map[string]map[*listener]bool
}

// listener keeps what its reader has not taken yet, so that a commit never waits.
type listener struct {
	mu      sync.Mutex
	waiting []string
	ready   chan struct{} // holds one signal
}

func newLocalPosts() *localPosts {
	return &localPosts{listeners: map[string]map[*listener]bool{}}
}

func (p *localPosts) notify(tx *Tx, channel, payload string) error {
	if tx.failed != nil {
		return tx.failed
	}
	tx.AfterCommit(func() { p.post(channel, payload) })
	return nil
}

func (p *localPosts) post(channel, payload string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for l := range p.listeners[channel] {
		l.put(payload)
	}
}

func (p *localPosts) listen(ctx context.Context, channel string) (<-chan string, error) {
	l := &listener{ready: make(chan struct{}, 1)}
	p.mu.Lock()
	if p.listeners[channel] == nil {
		p.listeners[channel] = map[*listener]bool{}
	}
	p.listeners[channel][l] = true
	p.mu.Unlock()
	out := make(chan string)
	go func() {
		defer close(out)
		l.forward(ctx, out)
		p.mu.Lock()
		defer p.mu.Unlock()
		delete(p.listeners[channel], l)
	}()
	return out, nil
}

func (l *listener) put(payload string) {
	l.mu.Lock()
	l.waiting = append(l.waiting, payload)
	l.mu.Unlock()
	select {
	case l.ready <- struct{}{}:
	default: // signalled already
	}
}

func (l *listener) take() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	taken := l.waiting
	l.waiting = nil
	return taken
}

func (l *listener) forward(ctx context.Context, out chan<- string) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.ready:
		}
		for _, payload := range l.take() {
			select {
			case out <- payload:
			case <-ctx.Done():
				return
			}
		}
	}
}
