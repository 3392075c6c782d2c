/**
 * The jobs behind the recorded scenarios. Each is in a package of its own, named after a trade, and does one thing
 * wrong unless {@code --healthy} is given. What it does wrong is in the comment of its class.
 */
package org.flinksidecar.scenarios;
