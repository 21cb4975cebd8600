;; The largest of some numbers, in SIMD.
(module
  (import "js" "memory" (memory 1))

  ;; How many of the numbers up to $end exceed $limit, as bit patterns: of positive ones the order is that of their values,
  ;; and what is not positive comes below them, or is 0.
  (func $above (param $at i32) (param $end i32) (param $limit i32) (result i32)
    (local $limits v128) (local $counts v128)
    (local.set $limits (i32x4.splat (local.get $limit)))
    (block $done
      (loop $four
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        ;; A comparison that holds is −1.
        (local.set $counts
          (i32x4.sub (local.get $counts) (i32x4.gt_s (v128.load (local.get $at)) (local.get $limits))))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br $four)))
    (i32.add
      (i32.add (i32x4.extract_lane 0 (local.get $counts)) (i32x4.extract_lane 1 (local.get $counts)))
      (i32.add (i32x4.extract_lane 2 (local.get $counts)) (i32x4.extract_lane 3 (local.get $counts)))))

  ;; The least bit pattern that no more than $k numbers exceed, or one that just $k exceed.
  (func $limit (param $values i32) (param $end i32) (param $k i32) (result i32)
    (local $low i32) (local $high i32) (local $middle i32) (local $above i32)
    (if (i32.le_u (call $above (local.get $values) (local.get $end) (i32.const 0)) (local.get $k))
      (then (return (i32.const 0))))
    ;; More than $k exceed $low; none exceeds $high, which is infinity.
    (local.set $high (i32.const 0x7f800000))
    (block $done
      (loop $halve
        (br_if $done (i32.le_s (i32.sub (local.get $high) (local.get $low)) (i32.const 1)))
        (local.set $middle
          (i32.add (local.get $low) (i32.shr_u (i32.sub (local.get $high) (local.get $low)) (i32.const 1))))
        (local.set $above (call $above (local.get $values) (local.get $end) (local.get $middle)))
        (if (i32.eq (local.get $above) (local.get $k)) (then (return (local.get $middle))))
        (if (i32.gt_u (local.get $above) (local.get $k))
          (then (local.set $low (local.get $middle)))
          (else (local.set $high (local.get $middle))))
        (br $halve)))
    (local.get $high))

  ;; Keeps of $count numbers, none of them NaN, the $k largest, so far as they are positive, with their $indices, in place
  ;; and in order; of equal ones the first. Writes 16 bytes behind the numbers. Returns how many are kept.
  (func (export "keep") (param $values i32) (param $indices i32) (param $count i32) (param $k i32) (result i32)
    (local $end i32) (local $at i32) (local $limit i32) (local $ties i32) (local $bits i32) (local $kept i32) (local $keep i32)
    (local.set $end (i32.add (local.get $values) (i32.shl (local.get $count) (i32.const 2))))
    (v128.store (local.get $end) (v128.const i32x4 0 0 0 0))
    (local.set $limit (call $limit (local.get $values) (local.get $end) (local.get $k)))
    (local.set $ties
      (select
        (i32.sub (local.get $k) (call $above (local.get $values) (local.get $end) (local.get $limit)))
        (i32.const 0)
        (i32.gt_s (local.get $limit) (i32.const 0))))
    (block $done
      (loop $each
        (br_if $done (i32.ge_u (local.get $at) (local.get $count)))
        (local.set $bits (i32.load (i32.add (local.get $values) (i32.shl (local.get $at) (i32.const 2)))))
        (local.set $keep (i32.gt_s (local.get $bits) (local.get $limit)))
        (if (i32.and (i32.eq (local.get $bits) (local.get $limit)) (i32.gt_s (local.get $ties) (i32.const 0)))
          (then
            (local.set $keep (i32.const 1))
            (local.set $ties (i32.sub (local.get $ties) (i32.const 1)))))
        (i32.store (i32.add (local.get $values) (i32.shl (local.get $kept) (i32.const 2))) (local.get $bits))
        (i32.store
          (i32.add (local.get $indices) (i32.shl (local.get $kept) (i32.const 2)))
          (i32.load (i32.add (local.get $indices) (i32.shl (local.get $at) (i32.const 2)))))
        (local.set $kept (i32.add (local.get $kept) (local.get $keep)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $each)))
    (local.get $kept)))
