package main

import (
	"bufio"
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"os"
	"strings"
	"syscall"
)

// deepest is how many frames a generated stack has at most.
const deepest = 16

// generate writes collapsed stacks until they have so many frames: deep, with few names
// that share long prefixes, as in profiles of Java. It keeps none of them in memory. With
// a version other than 0 one of ten frames has another name and the samples differ, as in
// a later profile of a program.
func generate(name string, frames int, version uint64) error {
	file, err := os.Create(name)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(file)
	classes := strings.Fields("Source Operator Serializer Sink Window Accessor Mailbox Buffer")
	rng, later := rand.New(rand.NewPCG(1, 0)), rand.New(rand.NewPCG(version, version))
	var stack []string
	for frames > 0 {
		stack = stack[:max(0, len(stack)-int(rng.ExpFloat64()*4))]
		for range 1 + rng.IntN(12) {
			if len(stack) < deepest {
				frames--
				frame := fmt.Sprintf("job%d/%s$%d.run%d", rng.IntN(9), classes[rng.IntN(len(classes))], rng.IntN(30),
					rng.IntN(9))
				if version > 0 && later.IntN(10) == 0 {
					frame += "Later"
				}
				stack = append(stack, frame)
			}
		}
		fmt.Fprintf(out, "%s %d\n", strings.Join(stack, ";"), 1+(rng.IntN(3)+int(version))%3)
	}
	return errors.Join(out.Flush(), file.Close())
}

// peakOf is the peak resident memory of an ended process. The kernel includes the memory
// of this process when it started it.
func peakOf(ended *os.ProcessState) (int64, error) {
	usage, ok := ended.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0, errors.New("the peak memory of a process is not known on this system")
	}
	return usage.Maxrss << 10, nil
}

// compareAll checks that both tools made the same stacks of every page.
func compareAll(conversions []*conversion) error {
	for _, c := range conversions {
		theirs, stacks, err := sumOfLines(c.theirs)
		if err != nil {
			return err
		}
		ours, _, err := sumOfLines(c.mine)
		if err != nil {
			return err
		}
		if theirs != ours {
			return fmt.Errorf("%s: jfrconv and the sidecar disagree on the stacks", c.name)
		}
		fmt.Printf("%s: the same %d stacks\n", c.name, stacks)
	}
	return nil
}

// suffixes say in the converter's output how frames were compiled. For collapsed stacks
// without them, it gives a name always the same suffix.
var suffixes = strings.NewReplacer("_[0]", "", "_[j]", "", "_[i]", "", "_[k]", "", "_[1]", "")

// sumOfLines is equal for files with the same lines in any order, apart from the
// suffixes.
func sumOfLines(name string) (sum uint64, lines int, err error) {
	file, err := os.Open(name)
	if err != nil {
		return 0, 0, err
	}
	defer file.Close()
	in := bufio.NewScanner(file)
	for ; in.Scan(); lines++ {
		h := fnv.New64a()
		_, _ = suffixes.WriteString(h, in.Text())
		sum += h.Sum64()
	}
	return sum, lines, in.Err()
}
