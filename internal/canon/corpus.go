package canon

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing/fstest"

	"github.com/rungpolicy/rung/internal/gen"
)

// Generated draws a policy for a number: of two generators in turn, with comments in every other one.
func Generated(seed uint64) fs.FS {
	s := gen.Seeded(seed)
	var files fstest.MapFS
	if seed%4 < 2 {
		files = gen.NewPolicy(s, gen.Options{}, 8).Files(s)
	} else {
		files = gen.NewModel(s).Files()
	}
	if seed%2 == 0 {
		return files
	}
	return Sprinkled(s, files)
}

// Sprinkled is a policy with comments in its files.
func Sprinkled(s *gen.Source, fsys fs.FS) fs.FS {
	out, err := copied(fsys)
	if err != nil {
		return fsys // Hold says why
	}
	for name, file := range out {
		if isPolicyFile(name) {
			file.Data = []byte(Sprinkle(s, string(file.Data)))
		}
	}
	return out
}

// Corpus finds the policies in a folder and those below it: folders that have policy files, archives of text that hold some, and what stands in
// documents as ```hcl. They are by where they are found.
func Corpus(root string) (map[string]fs.FS, error) {
	found := map[string]fs.FS{}
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && strings.HasPrefix(d.Name(), ".") && name != root, d.IsDir() && d.Name() == "node_modules":
			return filepath.SkipDir
		case strings.HasSuffix(name, ".rung.hcl"):
			found[filepath.Dir(name)] = os.DirFS(filepath.Dir(name))
			return nil
		case !strings.HasSuffix(name, ".txtar") && !strings.HasSuffix(name, ".md"):
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		files := archived(string(text))
		if strings.HasSuffix(name, ".md") {
			files = snippets(string(text))
		}
		if len(files) > 0 {
			found[name] = files
		}
		return nil
	})
	return found, err
}

// archived are the files of a text archive, in the form of txtar, if there is a policy file among them.
func archived(text string) fstest.MapFS {
	files := fstest.MapFS{}
	var name string
	policies := 0
	for line := range strings.Lines(text) {
		if head, ok := strings.CutPrefix(strings.TrimRight(line, "\r\n"), "-- "); ok && strings.HasSuffix(head, " --") {
			name = strings.TrimSuffix(head, " --")
			if strings.HasSuffix(name, ".rung.hcl") && !strings.Contains(name, "/") {
				policies++
			}
			files[name] = &fstest.MapFile{}
		} else if f := files[name]; f != nil {
			f.Data = append(f.Data, line...)
		}
	}
	if policies == 0 {
		return nil
	}
	return files
}

// snippets are the policies in a document, as the files of one.
func snippets(text string) fstest.MapFS {
	files := fstest.MapFS{}
	for {
		_, rest, ok := strings.Cut(text, "\n```hcl\n")
		if !ok {
			return files
		}
		var snippet string
		snippet, text, _ = strings.Cut(rest, "\n```")
		files["snippet-"+string(rune('a'+len(files)%26))+".rung.hcl"] = &fstest.MapFile{Data: []byte(snippet + "\n")}
	}
}
