// Command zip writes a plugin's folder as a zip, keeps the rights of its files, and checks the zip
// as Grafana's plugin-validator does: Grafana cannot start a backend that is not executable. It is
// here because not every machine has a program zip, and the validator downloads itself.
package main

import (
	"archive/zip"
	"fmt"
	"os"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: zip FOLDER FILE")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "zip:", err)
		os.Exit(1)
	}
}

func run(folder, name string) error {
	if err := write(folder, name); err != nil {
		return err
	}
	return check(name)
}

func write(folder, name string) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	defer file.Close()
	w := zip.NewWriter(file)
	if err := w.AddFS(only{os.DirFS("."), folder}); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return file.Close()
}
