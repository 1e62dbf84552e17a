package host

import (
	"errors"

	"github.com/rungpolicy/rung/wasm/internal/binary"
)

// verify holds a module against the profile of modules that rung builds.
func verify(module []byte) error {
	f, err := binary.Decode(module)
	if err != nil {
		return err
	}
	if what := f.Foreign(); what != "" {
		return errors.New("it has " + what)
	}
	return nil
}
