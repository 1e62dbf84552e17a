//go:build js && wasm

// Command worker is Rung in a Web Worker of the playground: the checker, the native engine, the compiler.
//
// It hands the page one function, `rung(method, argument)`, which takes and returns JSON texts, and `rungModule()`, which returns the bytes of
// the module that was built last.
package main

import (
	"syscall/js"

	"github.com/rungpolicy/rung/playground/session"
)

func main() {
	s := new(session.Session)
	js.Global().Set("rung", js.FuncOf(func(_ js.Value, args []js.Value) any {
		return string(s.Call(args[0].String(), []byte(args[1].String())))
	}))
	js.Global().Set("rungModule", js.FuncOf(func(js.Value, []js.Value) any {
		module := s.Module()
		out := js.Global().Get("Uint8Array").New(len(module))
		js.CopyBytesToJS(out, module)
		return out
	}))
	js.Global().Call("rungReady")
	select {} // the functions live as long as the worker does
}
