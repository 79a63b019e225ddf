package main

import "syscall"

// mountMemory mounts a file system of so many bytes ("48m") on a directory.
func mountMemory(dir, size string) (unmount func(), err error) {
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size="+size); err != nil {
		return nil, err
	}
	return func() { syscall.Unmount(dir, 0) }, nil
}
