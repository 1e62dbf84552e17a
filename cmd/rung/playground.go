package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/rungpolicy/rung/playground"
)

const playgroundLong = `playground serves a page on which a policy is tried out: an editor, people whose requests are
decided as you type, and why each came out as it did. The policy's folder (the current one by
default) is what the page begins with; what is edited there stays there, and nothing is written.

All of it runs in the page. The command only hands out files, at the address that it prints,
to this computer alone unless --listen says otherwise. It ends with an interrupt.

Exit status: 0 it was ended, 2 it could not be served.`

func newPlayground(a *app) *cobra.Command {
	var listen string
	cmd := &cobra.Command{
		Use:     "playground [DIR]",
		Short:   "Serve a page on which the policy is tried out",
		Long:    playgroundLong,
		Example: "  rung playground policy/\n  rung playground --listen=localhost:8080 policy/",
		Args:    usage(cobra.MaximumNArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			return a.playground(ctx, slices.Concat(args, []string{"."})[0], listen)
		},
	}
	cmd.Flags().StringVar(&listen, "listen", "localhost:0", "the `ADDRESS` to serve at; port 0 is any that is free")
	return cmd
}

// playground serves until the context is done.
func (a *app) playground(ctx context.Context, dir, listen string) error {
	if !playground.Built() {
		return errors.New("this build has no playground: `make playground` builds it, and the next build of rung has it")
	}
	policy := os.DirFS(dir)
	if _, err := fs.ReadDir(policy, "."); err != nil {
		return plain(err)
	}
	to, err := net.Listen("tcp", listen)
	if err != nil {
		return usageError{plain(err)}
	}
	server := &http.Server{
		Handler:           playground.Local(playground.Handler(policy)),
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
	}
	if !loopback(to.Addr()) {
		server.Handler = playground.Handler(policy)
	}
	fmt.Fprintf(a.out, "http://%s/\n", shown(to.Addr()))
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(to) }()
	select {
	case err := <-ended:
		return err
	case <-ctx.Done():
		return server.Close()
	}
}

func loopback(addr net.Addr) bool {
	tcp, ok := addr.(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// shown is an address for a browser: `localhost`, since what browsers hold for secure hangs on the name.
func shown(addr net.Addr) string {
	if tcp, ok := addr.(*net.TCPAddr); ok && tcp.IP.IsLoopback() {
		return fmt.Sprintf("localhost:%d", tcp.Port)
	}
	return addr.String()
}
