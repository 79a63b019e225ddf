//go:build !linux

package sql_test

import "errors"

func smallDisk(string) (unmount func(), err error) { return nil, errors.ErrUnsupported }
