package dev.tokenledger.capture;

/** Gets each call once it has ended, on the thread that read the answer's end. What it throws is counted and goes no further. */
@FunctionalInterface
public interface CaptureListener {

    /** A call has ended. */
    void captured(CapturedCall call);
}
