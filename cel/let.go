package cel

import (
	"github.com/rungpolicy/rung/policy"
)

// let is a policy's let, read.
type let struct {
	*policy.Let
	body *node // nil if it does not parse
	// failed says that it is of no use by itself: an error of its own is reported, and conditions that use it are not blamed.
	failed bool
	// size and height are of its body with lets put in.
	size, height int
	state        letState
}

type letState uint8

const (
	letNew letState = iota
	letOpen
	letDone
)
