package host

import (
	"context"
	"strings"
	"time"

	"github.com/rungpolicy/rung/policy"
)

// input is what is to be decided: a request, or a form that is filled in.
type input struct {
	action  *action
	number  uint32
	posture uint32
	now     time.Time
	request *policy.Request
	form    *Form
}

// decide asks the module. What is not a decision in the end is an error, and the instance is then not to be used again if the module is to blame.
func (i *instance) decide(in *input, d *policy.Decision, satisfied *policy.Satisfied) *policy.RequestError {
	if refused := i.write(in); refused != nil {
		return refused
	}
	i.stack[0], i.stack[1] = uint64(in.number), uint64(i.base)
	err := i.ask.CallWithStack(&i.meter, i.stack[:])
	i.meter.reset()
	if err != nil {
		i.broken = true
		what, _, _ := strings.Cut(err.Error(), "\n") // without the stack
		return engineError("the module failed: " + what)
	}
	at := uint32(i.stack[0])
	if !i.look() {
		return engineError("the module has more memory than it declares")
	}
	if err := in.action.read(i.view, at, d, satisfied); err != nil || at == 0 {
		i.broken = true
		return engineError(errResult.Error())
	}
	return nil
}

var background = context.Background()

// write writes the request into the memory for input, and once more if there was not room enough.
func (i *instance) write(in *input) *policy.RequestError {
	w := &i.record
	if !i.try(in) {
		return &policy.RequestError{Code: policy.InvalidRequest, Message: w.message, Path: w.path}
	}
	if w.next <= w.end {
		return nil
	}
	need := w.next - int(i.base)
	// Some more, so that the next request that is a little larger has room.
	if w.full() || !i.reserve(need+need/4) && (i.broken || !i.reserve(need)) {
		i.broken = true // it may have no memory for input now
		return engineError("the request is too large for the memory of the module")
	}
	if !i.try(in) || w.next > w.end {
		return engineError("the request has changed while it was read")
	}
	return nil
}

// try writes the request as far as there is room.
func (i *instance) try(in *input) bool {
	w, base, size := &i.record, int(i.base), in.action.size
	w.view, w.fixed = i.view, i.view[base:base+size:base+size]
	w.next, w.end, w.most = base+size, base+int(i.size), int(i.most)
	if !w.now(in.now, in.posture) {
		return false
	}
	if in.form != nil {
		return in.form.write(w)
	}
	return w.guarded(in.action, in.request)
}
