package dev.tokenledger.imports.agents;

/** A text that is mostly the same from row to row. {@link JsonScanner#text(Memo)} makes a string only when it is another. */
final class Memo {

    /** As it was written, in quotes. */
    byte[] quoted = {'"', '"'};

    String text = "";
}
