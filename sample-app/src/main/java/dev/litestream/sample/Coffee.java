package dev.litestream.sample;

/**
 * A coffee on the shelf.
 *
 * @param id its number
 * @param name what it is called
 * @param origin where it grows
 * @param taste what to expect
 * @param price price of a bag
 */
public record Coffee(long id, String name, String origin, String taste, Money price) {

}
