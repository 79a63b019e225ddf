package sql_test

import (
	"os"
	"path/filepath"
	"syscall"
)

// smallDisk mounts a file system of one megabyte, half of it taken by a file "ballast".
func smallDisk(dir string) (unmount func(), err error) {
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		return nil, err
	}
	unmount = func() { syscall.Unmount(dir, 0) }
	if err := os.WriteFile(filepath.Join(dir, "ballast"), make([]byte, 500_000), 0o600); err != nil {
		unmount()
		return nil, err
	}
	return unmount, nil
}
