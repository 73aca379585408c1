// peer_smtp JOB HOST PORT COUNT [SIZE] [RECIPIENTS] - the mail jobs by Go's
// net/smtp, one client. S1, S2 (BENCH_FILE) and S3. Built by mail.py.
package main

import (
	"bytes"
	"fmt"
	"io"
	"log"
	"net/smtp"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func number(i, otherwise int) int {
	if i >= len(os.Args) {
		return otherwise
	}
	n, err := strconv.Atoi(os.Args[i])
	must(err)
	return n
}

// As bench_mail in kit.c: lines of 74 with their CRLF, a dot before each eighth.
func mail(size int) []byte {
	line := strings.Repeat("abcdefgh", 9)
	block := strings.Repeat(line+"\r\n", 7) + "." + line[1:] + "\r\n"
	head := "From: sender@bench.example\r\nTo: rcpt@bench.example\r\n" +
		"Subject: bench\r\n\r\n"
	text := head + strings.Repeat(block, size/len(block)+1)
	return []byte(text[:size-2] + "\r\n")
}

func cpu() (user, sys float64) {
	var r syscall.Rusage
	must(syscall.Getrusage(syscall.RUSAGE_SELF, &r))
	return time.Duration(r.Utime.Nano()).Seconds(),
		time.Duration(r.Stime.Nano()).Seconds()
}

func peakKB() (kb int) {
	text, err := os.ReadFile("/proc/self/status")
	must(err)
	_, rest, _ := strings.Cut(string(text), "VmHWM:")
	fmt.Sscan(rest, &kb)
	return kb
}

// What one message is read from.
func source(text []byte) io.Reader {
	if text != nil {
		return bytes.NewReader(text)
	}
	f, err := os.Open(os.Getenv("BENCH_FILE"))
	must(err)
	return f
}

func send(c *smtp.Client, to []string, text io.Reader) int64 {
	must(c.Mail("sender@bench.example"))
	for _, address := range to {
		must(c.Rcpt(address))
	}
	w, err := c.Data()
	must(err)
	n, err := io.Copy(w, text)
	must(err)
	must(w.Close())
	return n
}

func run(count int, to []string, text []byte) (sent int64) {
	c, err := smtp.Dial(os.Args[2] + ":" + os.Args[3])
	must(err)
	must(c.Hello("bench"))
	for i := 0; i < count; i++ {
		sent += send(c, to, source(text))
	}
	must(c.Quit())
	return sent
}

func main() {
	job, count, size := os.Args[1], number(4, 1), number(5, 1024)
	var text []byte
	var to []string
	for i := 0; i < number(6, 1); i++ {
		to = append(to, fmt.Sprintf("rcpt%d@bench.example", i))
	}
	if job == "S2" {
		count = 1
	} else {
		text = mail(size)
	}
	before := peakKB()
	user, sys := cpu()
	began := time.Now()
	sent := run(count, to, text)
	took := time.Since(began).Seconds()
	userNow, sysNow := cpu()
	rate, unit := float64(count)/took, "ops/s"
	if job == "S2" {
		rate, unit = float64(sent)/1e6/took, "MB/s"
	}
	fmt.Printf(`{"job":%q,"who":"go","seconds":%f,"n":%d,"bytes":%d,`+
		`"rate":%.1f,"unit":%q,"user":%.4f,"sys":%.4f,"rss_kb":%d,`+
		`"rss_before_kb":%d}`+"\n", job, took, count, sent, rate, unit,
		userNow-user, sysNow-sys, peakKB(), before)
}
