package host

import (
	"context"

	"github.com/rungpolicy/rung/policy"
)

// decide asks the module. What is not a decision in the end is an error, and the instance is then not to be used again if the module is to blame.
func (i *instance) decide(a *action, number, posture uint32, r *policy.Request, d *policy.Decision, satisfied *policy.Satisfied) (refused *policy.RequestError) {
	defer func() {
		if p := recover(); p != nil { // somebody changes the request meanwhile
			i.broken = true
			refused = engineError("reading the request failed")
		}
	}()
	if refused := i.write(a, posture, r); refused != nil {
		return refused
	}
	i.stack[0], i.stack[1] = uint64(number), uint64(i.base)
	if err := i.ask.CallWithStack(context.Background(), i.stack[:]); err != nil {
		i.broken = true
		return engineError("the module failed: " + err.Error())
	}
	at := uint32(i.stack[0])
	if !i.look() {
		return engineError("the module has more memory than it declares")
	}
	if at == 0 {
		i.broken = true
		return engineError(errResult.Error())
	}
	if err := a.read(i.view, at, d, satisfied); err != nil {
		i.broken = true
		return engineError(err.Error())
	}
	return nil
}

// write writes the request into the memory for input, and once more if there was not room enough.
func (i *instance) write(a *action, posture uint32, r *policy.Request) *policy.RequestError {
	w := &i.record
	if !i.try(a, posture, r) {
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
	if !i.try(a, posture, r) || w.next > w.end {
		i.broken = true
		return engineError("the request has changed while it was read")
	}
	return nil
}

// try writes the request as far as there is room.
func (i *instance) try(a *action, posture uint32, r *policy.Request) bool {
	w, base := &i.record, int(i.base)
	w.view, w.fixed = i.view, i.view[base:base+a.size:base+a.size]
	w.next, w.end, w.most = base+a.size, base+int(i.size), int(i.most)
	return w.write(a, posture, r)
}
