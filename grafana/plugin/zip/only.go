package main

import "io/fs"

// only shows one folder of a file system.
type only struct {
	fs.FS
	folder string
}

// ReadDir lists the folder alone at the top.
func (o only) ReadDir(name string) ([]fs.DirEntry, error) {
	entries, err := fs.ReadDir(o.FS, name)
	if name != "." {
		return entries, err
	}
	for _, e := range entries {
		if e.Name() == o.folder {
			return []fs.DirEntry{e}, err
		}
	}
	return nil, fs.ErrNotExist
}
