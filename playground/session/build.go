package session

import (
	"crypto/sha256"
	"encoding/hex"

	rung "github.com/rungpolicy/rung/sdk"
	"github.com/rungpolicy/rung/wasm"
	"github.com/rungpolicy/rung/wasm/js"
)

type built struct {
	module *wasm.Module
	sizes  *Built
}

// Built says what a policy's module is, and what takes the room in it.
type Built struct {
	Bytes    int       `json:"bytes"`
	SHA256   string    `json:"sha256"`
	Bare     int       `json:"bare"` // without custom sections and the data of lists
	Sections []Section `json:"sections"`
	Parts    []Part    `json:"parts"`
}

// Section is a section of a module.
type Section struct {
	Name   string `json:"name"`
	Custom bool   `json:"custom"`
	Bytes  int    `json:"bytes"`
}

// Part is code or data, and what it is for.
type Part struct {
	Kind  wasm.Kind `json:"kind"`
	Name  string    `json:"name"`
	Bytes int       `json:"bytes"`
	Rules []string  `json:"rules,omitempty"`
}

// Build makes the policy's module, or says why it cannot be made: the error is then a diag.List.
func (s *Session) Build() (*Built, error) {
	if s.built != nil {
		return s.built.sizes, nil
	}
	if s.engine == nil {
		return nil, errNoPolicy
	}
	m, err := rung.Build(s.checked, wasm.Options{Compiler: "playground"})
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(m.Bytes)
	b := &Built{Bytes: len(m.Bytes), SHA256: hex.EncodeToString(sum[:]), Bare: m.Sizes.Bare()}
	for _, x := range m.Sizes.Sections {
		b.Sections = append(b.Sections, Section{x.Name, x.Custom, x.Size})
	}
	for _, p := range m.Sizes.Parts {
		b.Parts = append(b.Parts, Part{p.Kind, p.Name, p.Size, p.Rules})
	}
	s.built = &built{m, b}
	return b, nil
}

// Module is the module that Build has made; nil before.
func (s *Session) Module() []byte {
	if s.built == nil {
		return nil
	}
	return s.built.module.Bytes
}

// Text is that module in WebAssembly's text format.
func (s *Session) Text() (string, error) {
	if _, err := s.Build(); err != nil {
		return "", err
	}
	return wasm.Text(s.Module())
}

// Script is the policy as a module of JavaScript, with its types for TypeScript: what `rung build --js` writes.
type Script struct {
	Module string `json:"module"`
	Types  string `json:"types"`
}

// Script makes the policy's module one of JavaScript.
func (s *Session) Script() (*Script, error) {
	if _, err := s.Build(); err != nil {
		return nil, err
	}
	about, err := wasm.About(s.Module())
	if err != nil {
		return nil, err
	}
	code, err := js.Module(s.Module(), about, false)
	if err != nil {
		return nil, err
	}
	return &Script{string(code), string(js.Types(about))}, nil
}
