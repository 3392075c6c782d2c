package load

import (
	"fmt"
	"time"
)

// Pacer computes how many records are due. It is a pure function of time and count; the
// caller waits.
type Pacer struct {
	Rate float64 // records per second; 0 = none
	// Burst bounds what is sent late after a pause: at most Rate × Burst records at once,
	// and at least one. The rest is skipped: the stream stands for customers, and they do
	// not all return at the moment a broker does.
	Burst time.Duration
}

// Due returns how many records to send now, elapsed after the start of the stream of
// which sent records have been sent or skipped, and how many to skip:
//
//	behind = floor(Rate × elapsed) − sent
//	send   = min(behind, max(1, Rate × Burst))
//	skip   = behind − send
func (p Pacer) Due(elapsed time.Duration, sent int64) (send, skip int64) {
	behind := int64(p.Rate*elapsed.Seconds()) - sent
	if behind <= 0 {
		return 0, 0
	}
	send = min(behind, max(1, int64(p.Rate*p.Burst.Seconds())))
	return send, behind - send
}

func (p Pacer) String() string { return fmt.Sprintf("%g records/s", p.Rate) }
