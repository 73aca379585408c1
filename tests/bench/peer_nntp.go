// peer_nntp.go - peer_nntp JOB HOST PORT COUNT [SIZE] - the NNTP jobs by Go's
// net/textproto, which is what its NNTP packages are made of.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

type record struct {
	number, bytes, lines                      uint64
	subject, from, date, id, references, xref string
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "peer_nntp:", err)
		os.Exit(1)
	}
}

func used() (float64, float64) {
	var r syscall.Rusage
	check(syscall.Getrusage(syscall.RUSAGE_SELF, &r))
	return float64(r.Utime.Sec) + float64(r.Utime.Usec)/1e6,
		float64(r.Stime.Sec) + float64(r.Stime.Usec)/1e6
}

func peak() int {
	text, _ := os.ReadFile("/proc/self/status")
	for _, line := range strings.Split(string(text), "\n") {
		if strings.HasPrefix(line, "VmHWM:") {
			kb, _ := strconv.Atoi(strings.Fields(line)[1])
			return kb
		}
	}
	return 0
}

func say(c *textproto.Conn, code int, format string, args ...interface{}) {
	check(c.PrintfLine(format, args...))
	_, _, err := c.ReadCodeLine(code)
	check(err)
}

func number(s string) uint64 {
	n, err := strconv.ParseUint(s, 10, 64)
	check(err)
	return n
}

// A record for each line, none kept.
func overview(c *textproto.Conn, n int) int64 {
	say(c, 224, "OVER 1-%d", n)
	lines := bufio.NewScanner(c.DotReader())
	var octets int64
	found := 0
	for ; lines.Scan(); found++ {
		f := strings.Split(lines.Text(), "\t")
		r := record{number(f[0]), number(f[6]), number(f[7]), f[1], f[2],
			f[3], f[4], f[5], strings.TrimPrefix(f[8], "Xref: ")}
		octets += int64(r.bytes)
	}
	check(lines.Err())
	if found != n {
		check(fmt.Errorf("%d lines", found))
	}
	return octets
}

func take(c *textproto.Conn, code int, command string, i int) int64 {
	say(c, code, "%s %d", command, i)
	got, err := io.Copy(io.Discard, c.DotReader())
	check(err)
	return got
}

func article(size int) []byte {
	text := "From: sender@bench.example\r\nNewsgroups: bench.test\r\n" +
		"Subject: bench\r\n\r\n"
	for i := 1; len(text) < size; i++ {
		line := strings.Repeat("abcdefghi", 8) + "\r\n"
		if i%8 == 0 {
			line = "." + line[1:]
		}
		text += line
	}
	return []byte(text[:size-2] + "\r\n")
}

func post(c *textproto.Conn, text []byte) {
	say(c, 340, "POST")
	w := c.DotWriter()
	_, err := w.Write(text)
	check(err)
	check(w.Close())
	_, _, err = c.ReadCodeLine(240)
	check(err)
}

func run(c *textproto.Conn, job string, n, size int) (octets int64) {
	switch job {
	case "N1":
		return overview(c, n)
	case "N2":
		for i := 1; i <= n; i++ {
			octets += take(c, 220, "ARTICLE", i)
		}
	case "N3":
		return take(c, 222, "BODY", 1)
	case "N4":
		text := article(size)
		for i := 0; i < n; i++ {
			post(c, text)
			octets += int64(len(text))
		}
	}
	return
}

func main() {
	job, where := os.Args[1], net.JoinHostPort(os.Args[2], os.Args[3])
	n, err := strconv.Atoi(os.Args[4])
	check(err)
	size, err := strconv.Atoi(os.Args[5])
	check(err)
	before, began := peak(), time.Now()
	user, sys := used()
	c, err := textproto.Dial("tcp", where)
	check(err)
	_, _, err = c.ReadCodeLine(2)
	check(err)
	say(c, 211, "GROUP bench.test")
	octets := run(c, job, n, size)
	say(c, 205, "QUIT")
	took := time.Since(began).Seconds()
	user2, sys2 := used()
	rate, unit := float64(n)/took, "ops/s"
	if job == "N3" {
		n, rate, unit = 1, float64(octets)/1e6/took, "MB/s"
	}
	check(json.NewEncoder(os.Stdout).Encode(map[string]interface{}{
		"job": job, "who": "go", "seconds": took, "n": n, "bytes": octets,
		"rate": rate, "unit": unit, "user": user2 - user, "sys": sys2 - sys,
		"rss_kb": peak(), "rss_before_kb": before}))
}
