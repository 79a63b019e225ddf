package sqltest

import "syscall"

// attributes run a process as owner; it ends with the test program, even when
// that is killed.
func attributes(owner *syscall.Credential) *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Credential: owner, Pdeathsig: syscall.SIGINT}
}
