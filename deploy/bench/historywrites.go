package main

import (
	"encoding/json"
	"time"

	"go.etcd.io/bbolt"

	"github.com/flink-sidecar/flink-sidecar/internal/history"
)

// writes stores episodes in the history and their JSON with bbolt alone, in turn. The bare file
// has as many entries.
func writes(store *history.Store, path string, entries int) ([]spread, error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{FreelistType: bbolt.FreelistMapType})
	if err != nil {
		return nil, err
	}
	defer db.Close()
	if err := fillBare(db, entries); err != nil {
		return nil, err
	}
	const often = 500
	var ours, bare []time.Duration
	for i := range often {
		e := newEpisode(time.Now(), i)
		value, err := json.Marshal(e)
		if err != nil {
			return nil, err
		}
		began := time.Now()
		err = store.PutEpisode(e)
		ours = append(ours, time.Since(began))
		if err != nil {
			return nil, err
		}
		began = time.Now()
		err = db.Update(func(tx *bbolt.Tx) error { return tx.Bucket([]byte(bareBucket)).Put([]byte(e.ID), value) })
		bare = append(bare, time.Since(began))
		if err != nil {
			return nil, err
		}
	}
	return []spread{spreadOf("an episode in the history", ours), spreadOf("its JSON with bbolt alone", bare)}, nil
}

const bareBucket = "b"

func fillBare(db *bbolt.DB, entries int) error {
	return db.Update(func(tx *bbolt.Tx) error {
		b, err := tx.CreateBucketIfNotExists([]byte(bareBucket))
		for i := 0; i < entries && err == nil; i++ {
			e := newEpisode(start.Add(time.Duration(i)*time.Minute), i)
			var value []byte
			if value, err = json.Marshal(e); err == nil {
				err = b.Put([]byte(e.ID), value)
			}
		}
		return err
	})
}
