/** What Lifeboat promises, held from outside: through its command line and its service. */
package io.lifeboat.acceptance;
