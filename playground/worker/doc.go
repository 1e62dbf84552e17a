//go:build !js

// Command worker is Rung in a Web Worker of the playground. It is built for GOOS=js alone; package session is what it does.
package main

func main() {}
