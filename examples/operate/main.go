// Command operate is what docs/operating.md shows: a policy that is read anew while the process runs, a log of every decision, and a port for those on call.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"time"

	rung "github.com/rungpolicy/rung/sdk"
)

func main() {
	if err := run(); err != nil {
		log.Fatal(err) // a process that has no policy does not start
	}
}

func run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	engine, closing, err := open(ctx, "policy", os.Getenv("POSTURE"), os.Stdout)
	if err != nil {
		return err
	}
	defer closing()
	go engine.Watch(ctx, 10*time.Second)
	return http.ListenAndServe("localhost:8081", onCall(engine))
}

// open reads the policy of a folder and logs what is decided by it.
func open(ctx context.Context, folder, posture string, to io.Writer) (engine *rung.Engine, closing func(), err error) {
	logger := slog.New(slog.NewJSONHandler(to, nil))
	decisions := rung.NewLog(logger, 4096)
	engine, err = rung.Open(ctx, rung.Folder(folder),
		rung.WithPosture(posture),
		rung.WithHook(decisions.Hook),
		rung.WithReload(func(r rung.Reload) {
			if r.Err != nil {
				logger.Error("the policy was not taken", "still", r.Policy.Version, "error", r.Err)
				return
			}
			logger.Info("another policy", "version", r.Policy.Version, "digest", r.Policy.Digest)
		}))
	if err != nil {
		return nil, nil, err
	}
	return engine, func() {
		engine.Close()
		decisions.Close(context.Background()) //nolint:errcheck // it waits for the last records, and nobody cuts it short
	}, nil
}

// onCall is for the people who turn the dial. It stands on a port of its own, which customers do not reach, behind the sign-in of the house.
func onCall(engine *rung.Engine) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /dial", func(w http.ResponseWriter, r *http.Request) {
		var dial struct {
			Posture string
			Params  map[string]any
		}
		err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<16)).Decode(&dial)
		if err = errors.Join(err, engine.Set(dial.Posture, dial.Params)); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
		}
	})
	mux.HandleFunc("GET /status", func(w http.ResponseWriter, _ *http.Request) {
		s := engine.Status()
		if s.Refused != nil { // the folder has a policy that is not in force: somebody has to look
			http.Error(w, s.Refused.Error(), http.StatusInternalServerError)
			return
		}
		json.NewEncoder(w).Encode(map[string]any{ //nolint:errcheck // who asked has gone
			"version": s.Policy.Version, "digest": s.Policy.Digest, "posture": s.Posture, "since": s.Since,
		})
	})
	return mux
}
