// Package load keeps a steady background stream of orders in the source topic, so that
// measurements on the local stack have a busy job.
//
// It has three independent parts: a Generator makes orders from a seed, a Pacer computes
// how many are due, and a Stream connects both with the clock and a Kafka client.
package load

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"
)

const (
	customers = 10_000
	products  = 2_000
	// skew is the exponent of Zipf's law over the customers: at 1.1 the busiest one in
	// ten thousand places about every seventh order, and the ten busiest two of five.
	// Real customers are skewed too, which makes one subtask of a keyed job busier than
	// the others.
	skew = 1.1
)

// Order is one record of the source topic. The sidecar's probe writes the same
// record with a seed; the background stream never does.
type Order struct {
	ID        string  `json:"order_id"`
	Customer  string  `json:"customer_id"`
	Amount    float64 `json:"amount"` // of all items, in Currency; two decimals
	Currency  string  `json:"currency"`
	Items     []Item  `json:"items"`      // one to eight
	Note      string  `json:"note"`       // often empty
	CreatedAt int64   `json:"created_at"` // epoch milliseconds
}

// Item is one line of an order.
type Item struct {
	SKU      string  `json:"sku"`
	Quantity int     `json:"quantity"`
	Price    float64 `json:"price"` // of one piece
}

// Generator makes an endless sequence of orders. Equal seeds make equal sequences, except
// for the time of an order and the run in its id. Not safe for concurrent use.
type Generator struct {
	run   string
	rng   *rand.Rand
	zipf  *rand.Zipf
	count int
}

// NewGenerator returns the generator of a seed. run is part of each order's id, which
// the sinks use as a key: two streams on one topic need different runs.
func NewGenerator(seed uint64, run string) *Generator {
	rng := rand.New(rand.NewPCG(seed, seed))
	return &Generator{run: run, rng: rng, zipf: rand.NewZipf(rng, skew, 1, customers-1)}
}

// Next returns the next order, placed at now.
func (g *Generator) Next(now time.Time) Order {
	g.count++
	order := Order{
		ID:        fmt.Sprintf("%s-%08d", g.run, g.count),
		Customer:  fmt.Sprintf("customer-%05d", g.zipf.Uint64()),
		Currency:  g.currency(),
		Items:     make([]Item, 1+min(g.rng.IntN(4)*g.rng.IntN(4), 7)),
		Note:      g.note(),
		CreatedAt: now.UnixMilli(),
	}
	for i := range order.Items {
		item := g.item()
		order.Items[i] = item
		order.Amount += float64(item.Quantity) * item.Price
	}
	order.Amount = cents(order.Amount)
	return order
}

// Record returns the next order as key and value of a Kafka record.
func (g *Generator) Record(now time.Time) (key, value []byte, err error) {
	order := g.Next(now)
	value, err = json.Marshal(order)
	return []byte(order.Customer), value, err
}

// item draws a product; its price belongs to the product, most cost 10 to 20 and
// a few up to 150, so that one order in twenty reaches the 900 that raise an alert.
func (g *Generator) item() Item {
	product := g.rng.IntN(products)
	dearness := math.Abs(math.Sin(float64(product))) // fixed per product, spread over 0 to 1
	return Item{
		SKU:      fmt.Sprintf("SKU-%04d", product),
		Quantity: 1 + g.rng.IntN(3),
		Price:    cents(9.99 + 140*math.Pow(dearness, 8)),
	}
}

func (g *Generator) currency() string {
	switch n := g.rng.IntN(100); {
	case n < 60:
		return "EUR"
	case n < 90:
		return "USD"
	default:
		return "GBP"
	}
}

var words = strings.Fields(`please leave the parcel with a neighbour ring twice gift wrapped no substitutions
	deliver after six call on arrival fragile second floor back door invoice separately thank you`)

// note is empty for two orders of three and up to thirty words for the others.
func (g *Generator) note() string {
	if g.rng.IntN(3) > 0 {
		return ""
	}
	text := make([]string, 1+g.rng.IntN(30))
	for i := range text {
		text[i] = words[g.rng.IntN(len(words))]
	}
	return strings.Join(text, " ")
}

func cents(amount float64) float64 { return math.Round(amount*100) / 100 }
