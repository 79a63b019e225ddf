//go:build !linux

package main

import "errors"

func mountMemory(string, string) (func(), error) { return nil, errors.ErrUnsupported }
