package sqltest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"time"

	"paytond/sql"
)

// shared is the one cluster of the test program; it is started by its first use.
var shared cluster

type cluster struct {
	mu      sync.Mutex
	tried   bool
	found   string // uri
	err     error
	dir     string
	process *exec.Cmd
}

// uri starts the cluster if need be; an error is remembered, not tried again.
func (c *cluster) uri() (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.tried {
		c.tried = true
		if c.found = os.Getenv("PAYTOND_TEST_PG"); c.found == "" {
			c.found, c.err = c.start()
		}
	}
	return c.found, c.err
}

func (c *cluster) start() (string, error) {
	return c.make("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
}

// follow makes a cluster that is a copy of the one with its socket in the directory, and follows it.
func (c *cluster) follow(socket string) (string, error) {
	return c.make("pg_basebackup", "-h", socket, "-U", "postgres", "--write-recovery-conf", "--checkpoint=fast", "--no-sync")
}

// make has a program make the data of a cluster, and starts it.
func (c *cluster) make(program string, args ...string) (string, error) {
	bin, err := binaries()
	if err != nil {
		return "", err
	}
	owner, err := owner()
	if err != nil {
		return "", err
	}
	// Short, as the path of a socket may have 107 bytes.
	if c.dir, err = os.MkdirTemp("", "ptd"); err != nil {
		return "", err
	}
	if owner != nil {
		if err := os.Chown(c.dir, int(owner.Uid), int(owner.Gid)); err != nil {
			return "", err
		}
	}
	maker := command(owner, c.dir, filepath.Join(bin, program), append(args, "-D", filepath.Join(c.dir, "data"))...)
	if out, err := maker.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s: %w\n%s", program, err, out)
	}
	return c.boot(bin, owner)
}

// boot starts the server of a cluster that was made.
func (c *cluster) boot(bin string, owner *syscall.Credential) (string, error) {
	// Nothing here outlives the tests, so nothing needs to reach the disk.
	c.process = command(owner, c.dir, filepath.Join(bin, "postgres"), "-D", filepath.Join(c.dir, "data"),
		"-c", "listen_addresses=", "-c", "unix_socket_directories="+c.dir, "-c", "fsync=off",
		"-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "max_connections=200")
	var log bytes.Buffer
	c.process.Stdout, c.process.Stderr = &log, &log
	if err := c.process.Start(); err != nil {
		return "", err
	}
	uri := "postgresql://postgres@/?host=" + c.dir
	if err := ready(uri); err != nil {
		c.kill()
		return "", fmt.Errorf("%w\n%s", err, log.Bytes())
	}
	return uri, nil
}

// binaries gives the directory of the newest PostgreSQL.
func binaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", err
	}
	if len(found) == 0 {
		return "", errors.New("/usr/lib/postgresql/*/bin/postgres does not exist")
	}
	newest := slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })
	return filepath.Dir(newest), nil
}

func version(path string) int {
	n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path))))
	return n
}

// owner is who runs the cluster when we are root, for whom PostgreSQL does not run.
func owner() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(u.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(u.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}

func command(owner *syscall.Credential, dir, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8", "TZ=UTC"}
	cmd.SysProcAttr = attributes(owner)
	return cmd
}

// ready waits until the server answers.
func ready(uri string) error {
	s, err := sql.NewServer(uri, "")
	if err != nil {
		return err
	}
	deadline := time.Now().Add(30 * time.Second)
	for {
		err := answers(s)
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// stop ends the cluster and deletes it.
func (c *cluster) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kill()
	if c.dir != "" {
		os.RemoveAll(c.dir)
	}
}

func (c *cluster) kill() {
	if c.process == nil || c.process.Process == nil {
		return
	}
	c.process.Process.Signal(syscall.SIGINT) // fast shutdown: does not wait for clients
	c.process.Wait()
	c.process = nil
}

func answers(s *sql.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	db, err := s.Open(ctx, "postgres")
	if err != nil {
		return err
	}
	return db.Close()
}
