package web

import (
	"math"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/flink-sidecar/flink-sidecar/internal/api"
)

func TestFormats(t *testing.T) {
	for _, test := range []struct{ got, want string }{
		{number(0), "0"},
		{number(0.04321), "0.043"},
		{number(3.14159), "3.1"},
		{number(31.4159), "31.4"},
		{number(314.159), "314"},
		{number(1234567), "1,234,567"},
		{number(-1234), "-1,234"},
		{number(math.NaN()), unknown},
		{rate(nil), unknown},
		{rate(new(0.0)), "0/s"},
		{rate(new(math.Inf(1))), unknown},
		{count(nil), unknown},
		{whole(999), "999"},
		{whole(1000), "1,000"},
		{seconds(0), "0 ms"},
		{seconds(0.00042), "0.42 ms"},
		{seconds(0.0994), "99 ms"},
		{seconds(0.0996), "100 ms"},
		{seconds(0.9999), "1 s"},
		{seconds(12.345), "12.3 s"},
		{seconds(99.6), "1 min 40 s"},
		{seconds(math.NaN()), unknown},
		{length(0), "0 s"},
		{length(60), "1 min"},
		{length(3661), "1 h 1 min"},
		{length(86400 * 3), "3 d"},
		{length(86400 + 59), "1 d"},
		{length(-1), unknown},
		{bytesOf(0), "0 B"},
		{bytesOf(1023), "1,023 B"},
		{bytesOf(1023.7), "1 KiB"},
		{bytesOf(5.25 * (1 << 30)), "5.2 GiB"},
		{bytesOf(math.NaN()), unknown},
		{percent(nil), unknown},
		{percent(&api.Share{Mean: 0.214, Max: 0.211}), "21 %"},
		{percent(&api.Share{Mean: 0.2, Max: 1}), "20 % (max 100 %)"},
		{upDown(nil), unknown},
		{upDown(new(true)), "up"},
		{upDown(new(false)), "down"},
		{known(""), unknown},
	} {
		require.Equal(t, test.want, test.got)
	}
}

func TestSpark(t *testing.T) {
	require.Nil(t, draw("X", nil, seconds))
	require.Nil(t, draw("X", []*float64{nil, new(1.0), nil}, seconds))
	require.Equal(t, &spark{
		Path:  "M0.0,32.0L60.0,16.0M180.0,0.0h0.1",
		Label: "X, last 5 measurements: 0 ms to 2 s",
	}, draw("X", []*float64{new(0.0), new(1.0), nil, new(2.0), nil}, seconds))
	require.Equal(t, "M0.0,32.0L240.0,32.0", draw("X", []*float64{new(0.0), new(0.0)}, seconds).Path)
}

func TestRoom(t *testing.T) {
	require.Equal(t, "+216 %", room(2.164))
	require.Equal(t, "17 % short", room(-0.1667))
	require.Equal(t, "+0 %", room(0))
	require.Equal(t, unknown, room(math.Inf(1)))
}
