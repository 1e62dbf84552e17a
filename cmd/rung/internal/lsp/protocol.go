package lsp

import "github.com/rungpolicy/rung/editor"

// The part of the protocol that is served; names are the specification's. What looks the same in package editor is used from there.

type document struct {
	URI string `json:"uri"`
}

type openParams struct {
	TextDocument struct {
		URI     string `json:"uri"`
		Version int    `json:"version"`
		Text    string `json:"text"`
	} `json:"textDocument"`
}

type changeParams struct {
	TextDocument struct {
		URI     string `json:"uri"`
		Version int    `json:"version"`
	} `json:"textDocument"`
	ContentChanges []editor.Change `json:"contentChanges"`
}

type documentParams struct {
	TextDocument document `json:"textDocument"`
}

type positionParams struct {
	TextDocument document        `json:"textDocument"`
	Position     editor.Position `json:"position"`
	// of textDocument/references
	Context struct {
		IncludeDeclaration bool `json:"includeDeclaration"`
	} `json:"context"`
	// of textDocument/rename
	NewName string `json:"newName"`
}

type actionParams struct {
	TextDocument document     `json:"textDocument"`
	Range        editor.Range `json:"range"`
}

type initializeParams struct {
	Capabilities struct {
		Workspace struct {
			DidChangeWatchedFiles struct {
				DynamicRegistration bool `json:"dynamicRegistration"`
			} `json:"didChangeWatchedFiles"`
		} `json:"workspace"`
		TextDocument struct {
			Completion struct {
				CompletionItem struct {
					SnippetSupport bool `json:"snippetSupport"`
				} `json:"completionItem"`
			} `json:"completion"`
		} `json:"textDocument"`
	} `json:"capabilities"`
}

type markup struct {
	Kind  string `json:"kind"`
	Value string `json:"value"`
}

func markdown(s string) *markup {
	if s == "" {
		return nil
	}
	return &markup{"markdown", s}
}

type hover struct {
	Contents *markup      `json:"contents"`
	Range    editor.Range `json:"range"`
}

type completionItem struct {
	Label            string          `json:"label"`
	Kind             int             `json:"kind"`
	Detail           string          `json:"detail,omitempty"`
	Documentation    *markup         `json:"documentation,omitempty"`
	SortText         string          `json:"sortText"`
	InsertTextFormat int             `json:"insertTextFormat,omitempty"`
	TextEdit         editor.TextEdit `json:"textEdit"`
}

type completionList struct {
	IsIncomplete bool             `json:"isIncomplete"`
	Items        []completionItem `json:"items"`
}

type location struct {
	URI   string       `json:"uri"`
	Range editor.Range `json:"range"`
}

type workspaceEdit struct {
	Changes map[string][]editor.TextEdit `json:"changes"`
}

type renameTarget struct {
	Range       editor.Range `json:"range"`
	Placeholder string       `json:"placeholder"`
}

type symbol struct {
	Name           string       `json:"name"`
	Kind           int          `json:"kind"`
	Range          editor.Range `json:"range"`
	SelectionRange editor.Range `json:"selectionRange"`
	Children       []symbol     `json:"children,omitempty"`
}

type codeAction struct {
	Title       string        `json:"title"`
	Kind        string        `json:"kind"`
	Diagnostics []diagnostic  `json:"diagnostics"`
	IsPreferred bool          `json:"isPreferred"`
	Edit        workspaceEdit `json:"edit"`
}

type diagnostic struct {
	Range              editor.Range     `json:"range"`
	Severity           int              `json:"severity"`
	Code               string           `json:"code"`
	Source             string           `json:"source"`
	Message            string           `json:"message"`
	RelatedInformation []relatedMessage `json:"relatedInformation,omitempty"`
}

type relatedMessage struct {
	Location location `json:"location"`
	Message  string   `json:"message"`
}

type publishParams struct {
	URI         string       `json:"uri"`
	Diagnostics []diagnostic `json:"diagnostics"`
}

// The numbers of the specification.
const (
	syncIncremental = 2
	formatSnippet   = 2

	codeRequestFailed    = -32803
	codeRequestCancelled = -32800
)

// completionKind is the specification's number for a kind of completion.
func completionKind(kind string) int {
	switch kind {
	case "block":
		return 22 // struct
	case "attribute", "property":
		return 10
	case "keyword":
		return 14
	case "type":
		return 25 // type parameter, which editors show as a type
	case "value":
		return 12
	case "level", "posture":
		return 20 // enum member
	case "param", "list", "let":
		return 21 // constant
	case "signal", "variable":
		return 6
	case "action":
		return 23 // event
	case "fixture":
		return 18 // reference
	case "function", "macro":
		return 3
	case "method":
		return 2
	}
	return 1
}

// symbolKind is the specification's number for a block.
func symbolKind(kind string) int {
	switch kind {
	case "action":
		return 24 // event
	case "step_up", "deny":
		return 6 // method
	case "level", "posture":
		return 22 // enum member
	case "signal":
		return 13 // variable
	case "param", "list", "let":
		return 14 // constant
	case "test", "case":
		return 12 // function
	case "policy":
		return 4 // package
	}
	return 19 // object
}

func severity(s string) int {
	switch s {
	case "error":
		return 1
	case "warning":
		return 2
	}
	return 3
}
