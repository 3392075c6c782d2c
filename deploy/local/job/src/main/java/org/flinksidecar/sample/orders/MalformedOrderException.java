package org.flinksidecar.sample.orders;

/** A record that is no order. There is nothing to be done about one but to count it and go on. */
public final class MalformedOrderException extends Exception {

    private static final long serialVersionUID = 1;

    MalformedOrderException(String message) {
        super(message);
    }

    MalformedOrderException(String message, Throwable cause) {
        super(message, cause);
    }
}
