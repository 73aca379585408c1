// peer_pop3.go - peer_pop3 JOB HOST PORT COUNT - the POP3 jobs by Go's
// net/textproto, which is what its POP3 packages are made of.
package main

import (
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

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "peer_pop3:", err)
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

func ok(c *textproto.Conn) {
	line, err := c.ReadLine()
	check(err)
	if !strings.HasPrefix(line, "+OK") {
		check(fmt.Errorf("%s", line))
	}
}

func say(c *textproto.Conn, format string, args ...interface{}) {
	check(c.PrintfLine(format, args...))
	ok(c)
}

func main() {
	job, where := os.Args[1], net.JoinHostPort(os.Args[2], os.Args[3])
	n, err := strconv.Atoi(os.Args[4])
	check(err)
	if job == "P2" {
		n = 1
	}
	before, began := peak(), time.Now()
	user, sys := used()
	c, err := textproto.Dial("tcp", where)
	check(err)
	ok(c)
	say(c, "USER bench")
	say(c, "PASS bench")
	if job == "P1" {
		say(c, "UIDL")
		_, err = c.ReadDotLines()
		check(err)
	}
	var octets int64
	for i := 1; i <= n; i++ {
		if job == "P3" {
			say(c, "TOP %d 0", i)
		} else {
			say(c, "RETR %d", i)
		}
		got, err := io.Copy(io.Discard, c.DotReader())
		check(err)
		octets += got
	}
	say(c, "QUIT")
	took := time.Since(began).Seconds()
	user2, sys2 := used()
	rate, unit := float64(n)/took, "ops/s"
	if job == "P2" {
		rate, unit = float64(octets)/1e6/took, "MB/s"
	}
	check(json.NewEncoder(os.Stdout).Encode(map[string]interface{}{
		"job": job, "who": "go", "seconds": took, "n": n, "bytes": octets,
		"rate": rate, "unit": unit, "user": user2 - user, "sys": sys2 - sys,
		"rss_kb": peak(), "rss_before_kb": before}))
}
