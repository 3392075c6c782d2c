#!/bin/bash
# The ladder: repairs of the sample job one after the other, each measured beside all others.
#
#   bin/local demo --load=1           in another terminal: the stack, its configuration, no load
#   deploy/local/ladder.sh            each row has one repair more than the row before
#   deploy/local/ladder.sh single     each row has one repair alone
#   deploy/local/ladder.sh fault      each row has one fault alone, in a job that is repaired
#
# All rows are measured once in each round, so that a slow change of the machine meets all of
# them alike; history table pairs them by round. A ladder that was interrupted goes on where it
# was: DIR/ladder.done has what was measured, and DIR/ladder.db the numbers. At the end,
# DIR/ladder.csv, DIR/ladder-episodes.csv and DIR/ladder-findings.csv have them as tables.
#
# DRY_RUN=1 prints the commands, and runs none.
set -euo pipefail

DIR=${DIR:-.local}
ROUNDS=${ROUNDS:-3}
ITERATIONS=${ITERATIONS:-2}
mode=${1:-ladder}

# The repairs in the order of the story, and what the rows call them. The fault "state" is none
# of its rows: it is repaired from the beginning, or checkpoints would slow down every row.
repairs=(bulk json mapper kryo types hotkey lookup files interval)
planted=json,mapper,types,hotkey,files,interval
label() {
	case $1 in
	bulk) echo "fewer, larger bulks" ;;
	json) echo "no JSON between operators" ;;
	mapper) echo "one JSON mapper" ;;
	kryo) echo "POJO in place of Kryo" ;;
	types) echo "explicit types" ;;
	hotkey) echo "no hot key" ;;
	lookup) echo "asynchronous lookups" ;;
	files) echo "larger checkpoint files" ;;
	interval) echo "fewer checkpoints" ;;
	esac
}

# What the rows of "fault" call the faults.
planted_as() {
	case $1 in
	bulk) echo "single-record bulks" ;;
	json) echo "JSON between operators" ;;
	mapper) echo "a JSON mapper for each record" ;;
	kryo) echo "Kryo" ;;
	types) echo "types not declared" ;;
	hotkey) echo "a hot key" ;;
	lookup) echo "blocking lookups" ;;
	files) echo "small checkpoint files" ;;
	interval) echo "many checkpoints" ;;
	esac
}

# repaired_but REPAIR lists all repairs but one.
repaired_but() {
	local fixed=state repair
	for repair in "${repairs[@]}"; do
		[[ $repair == "$1" ]] || fixed=$fixed,$repair
	done
	echo "$fixed"
}

run() {
	if [[ -n ${DRY_RUN:-} ]]; then
		printf '%q ' "$@"
		echo
	else
		"$@"
	fi
}

# measure ROUND LABEL FIXED deploys one row and measures it.
measure() {
	local round=$1 label=$2 fixed=$3 advised=
	grep -qxF "$mode $round $label" "$DIR/ladder.done" 2>/dev/null && return
	run bin/local --dir="$DIR" submit --faults="$planted" --fixed="$fixed" >&2
	# The first test opens the run, without --baseline: that would refuse to go on after a first test
	# that was interrupted.
	local advise=()
	# In the first round the advice is asked for, too: what it predicts before a repair stands
	# beside what the repair gains. Of single repairs only the baseline has all that follows; of single
	# faults it has nothing that is repaired later.
	case $mode in
	ladder) advised=1 ;;
	single) [[ $label != baseline ]] || advised=1 ;;
	fault) [[ $label == baseline ]] || advised=1 ;;
	esac
	[[ $round != 1 || -z $advised ]] || advise=(--advise)
	run bin/sidecar scaletest --config.file="$DIR/sidecar.yml" --history.path="$DIR/ladder.db" --run="$mode" \
		--label="$label" --iterations="$ITERATIONS" "${advise[@]}" >&2
	[[ -n ${DRY_RUN:-} ]] || echo "$mode $round $label" >>"$DIR/ladder.done"
}

case $mode in
ladder | single | fault) ;;
*)
	echo "ladder: there is no ladder \"$mode\" (leave it out, or use single or fault)" >&2
	exit 2
	;;
esac
if [[ -z ${DRY_RUN:-} && ! -f $DIR/sidecar.yml ]]; then
	echo "ladder: $DIR/sidecar.yml is missing (start bin/local demo --load=1 in another terminal)" >&2
	exit 1
fi
# Documents become visible five times a second: a refresh each second would hide short rows.
elasticsearch=ELASTICSEARCH
if [[ -f $DIR/sidecar.yml ]]; then
	elasticsearch=$(sed -n 's/^  urls: \["\(.*\)"\]$/\1/p' "$DIR/sidecar.yml" | head -1)
fi
run curl -sSf -X PUT "$elasticsearch/orders/_settings" -H 'Content-Type: application/json' \
	-d '{"index":{"refresh_interval":"200ms"}}' >&2

for ((round = 1; round <= ROUNDS; round++)); do
	fixed=state
	[[ $mode != fault ]] || fixed=$(repaired_but nothing)
	measure "$round" baseline "$fixed"
	for repair in "${repairs[@]}"; do
		case $mode in
		ladder)
			fixed=$fixed,$repair
			measure "$round" "$(label "$repair")" "$fixed"
			;;
		single) measure "$round" "$(label "$repair")" "state,$repair" ;;
		fault) measure "$round" "$(planted_as "$repair")" "$(repaired_but "$repair")" ;;
		esac
	done
done
# What the README and docs/advice.md count again: cmd/sidecar/testdata has copies.
keep() {
	local file=$1
	shift
	if [[ -n ${DRY_RUN:-} ]]; then
		run "$@"
	else
		"$@" >"$DIR/$file"
	fi
}
keep "$mode.csv" bin/sidecar history export --history.path="$DIR/ladder.db" --run="$mode" --format=csv
for kind in episodes findings; do
	keep "$mode-$kind.csv" bin/sidecar history export --history.path="$DIR/ladder.db" --kind="$kind" --format=csv
done
run bin/sidecar history table --history.path="$DIR/ladder.db" --run="$mode"
