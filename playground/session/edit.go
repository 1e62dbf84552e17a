package session

import "github.com/rungpolicy/rung/editor"

// Place is a place in a file as the editor has it, which may be ahead of what was opened.
type Place struct {
	File string          `json:"file"`
	Text string          `json:"text"`
	At   editor.Position `json:"at"`
}

// at is the workspace with the file as the editor has it.
func (s *Session) at(p Place) *editor.Workspace {
	if s.workspace == nil {
		s.workspace = editor.New(nil)
	}
	s.workspace.Set(p.File, p.Text)
	return s.workspace
}

// sync gives the workspace the files of the policy, and forgets those that are gone.
func (s *Session) sync(files map[string]string) {
	if s.workspace == nil {
		s.workspace = editor.New(nil)
	}
	for _, name := range s.workspace.Files() {
		if _, there := files[name]; !there {
			s.workspace.Close(name)
		}
	}
	for name, text := range files {
		if before, there := s.workspace.Text(name); !there || before != text {
			s.workspace.Set(name, text)
		}
	}
}

// Complete returns what could be written at a place.
func (s *Session) Complete(p Place) ([]editor.Completion, error) {
	return s.at(p).Complete(p.File, p.At), nil
}

// Hover says what stands at a place; nil is nothing.
func (s *Session) Hover(p Place) (*editor.Hover, error) { return s.at(p).Hover(p.File, p.At), nil }

// Define returns where what stands at a place is declared.
func (s *Session) Define(p Place) ([]editor.Location, error) {
	return s.at(p).Definition(p.File, p.At), nil
}

// Renaming is a new name for what stands at a place.
type Renaming struct {
	Place
	Name string `json:"name"`
}

// Rename returns the edits that rename what stands at a place, in all files. The error is for people.
func (s *Session) Rename(r Renaming) ([]editor.FileEdits, error) {
	return s.at(r.Place).Rename(r.File, r.At, r.Name)
}
