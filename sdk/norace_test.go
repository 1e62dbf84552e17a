//go:build !race

package rung_test

// raceDetector says that the tests run under it.
const raceDetector = false
