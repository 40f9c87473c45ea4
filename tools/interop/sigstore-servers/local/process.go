package local

import (
	"fmt"
	"io"
	"log"
	"os"
)

// Listening says where a server listens.
func Listening(address string) {
	fmt.Println("listening on http://" + address)
}

// Serve runs a server until standard input ends.
func Serve(serve func() error, input io.Reader) {
	go func() { Must(serve()) }()
	_, err := io.Copy(io.Discard, input)
	Must(err)
	os.Exit(0)
}

// Must ends the process where something is wrong.
func Must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
