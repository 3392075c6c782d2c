package kafka

// Ready is how many records a sender makes before the first one is sent.
const Ready = ready
