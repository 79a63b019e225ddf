package simulator

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// state is what the state file holds.
type state struct {
	Offset   time.Duration       `json:"offset"`
	Accounts map[string]*account `json:"accounts"`
}

// load reads the state file; a missing one is an empty state.
func (s *Simulator) load() error {
	if s.options.StateFile == "" {
		return nil
	}
	raw, err := os.ReadFile(s.options.StateFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("read the simulator's state: %w", err)
	}
	var kept state
	if err := json.Unmarshal(raw, &kept); err != nil {
		return fmt.Errorf("read the simulator's state from %s: %w", s.options.StateFile, err)
	}
	s.offset = kept.Offset
	for suffix, a := range kept.Accounts {
		if a.IdempotencyKeys == nil {
			a.IdempotencyKeys = map[string]*idempotencyMark{}
		}
		for key, mark := range a.IdempotencyKeys {
			if mark.Answer == nil { // was under way when the simulator ended
				delete(a.IdempotencyKeys, key)
			}
		}
		s.configureEndpoints(a)
		s.accounts[suffix] = a
	}
	return nil
}

// saveEvery is how often the state is written at most. A large state is written less often, so that writing takes no more than a tenth of the
// time; a crash loses what came after the last writing.
const saveEvery = 200 * time.Millisecond

// persist writes the state file after changes until ctx ends; Close writes the last one.
func (s *Simulator) persist(ctx context.Context) {
	pause := time.NewTimer(saveEvery)
	defer pause.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-pause.C:
		}
		s.mu.Lock()
		started := time.Now()
		_ = s.save() // logged; tried again at the next change
		took := time.Since(started)
		s.mu.Unlock()
		pause.Reset(max(saveEvery, 10*took))
	}
}

// save writes the state file where anything changed: beside it first, then in its place. The lock is held.
func (s *Simulator) save() error {
	if s.options.StateFile == "" || !s.dirty {
		return nil
	}
	s.dropOldKeys()
	raw, err := json.Marshal(state{Offset: s.offset, Accounts: s.accounts})
	if err == nil {
		err = writeWhole(s.options.StateFile, raw)
	}
	if err != nil {
		s.logger.Error("the simulator's state could not be written", "file", s.options.StateFile, "error", err)
		return fmt.Errorf("write the simulator's state: %w", err)
	}
	s.dirty = false
	return nil
}

// dropOldKeys forgets idempotency keys after their time.
func (s *Simulator) dropOldKeys() {
	for _, a := range s.accounts {
		for key, mark := range a.IdempotencyKeys {
			if s.now().Sub(mark.At) >= keyLasts {
				delete(a.IdempotencyKeys, key)
			}
		}
	}
}

// writeWhole replaces a file so that a reader sees the old or the new one.
func writeWhole(name string, raw []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), filepath.Base(name)+".*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name()) // fails once it was renamed
	_, err = f.Write(raw)
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), name)
}
