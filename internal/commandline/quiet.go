package commandline

import (
	"context"
	"log/slog"
)

// Quiet returns log without records below a warning: a command shows its result, not the
// progress of its start. With debug output everything is logged.
func Quiet(ctx context.Context, log *slog.Logger) *slog.Logger {
	if log.Enabled(ctx, slog.LevelDebug) {
		return log
	}
	return slog.New(warningsOnly{log.Handler()})
}

type warningsOnly struct{ slog.Handler }

// Enabled implements slog.Handler.
func (w warningsOnly) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && w.Handler.Enabled(ctx, level)
}

// WithAttrs implements slog.Handler.
func (w warningsOnly) WithAttrs(attrs []slog.Attr) slog.Handler {
	return warningsOnly{w.Handler.WithAttrs(attrs)}
}

// WithGroup implements slog.Handler.
func (w warningsOnly) WithGroup(name string) slog.Handler {
	return warningsOnly{w.Handler.WithGroup(name)}
}
