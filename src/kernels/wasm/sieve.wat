;; Numbers of a row above their limits, in SIMD.
(module
  (memory (export "memory") 1)

  ;; Numbers above their limits: their positions to $indices and they themselves to $found, in ascending order of
  ;; position. 64 bytes of numbers are compared at a time, with limits that lie $step bytes behind those before: 64, or 0
  ;; where all have the same. Returns how many were found.
  (func $above (export "above")
    (param $values i32) (param $bytes i32) (param $limits i32) (param $step i32) (param $indices i32) (param $found i32)
    (result i32)
    (local $at i32) (local $mask i32) (local $bit i32) (local $count i32)
    (local $m0 v128) (local $m1 v128) (local $m2 v128) (local $m3 v128)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $bytes)))
        (local.set $m0 (f32x4.gt (v128.load (local.get $values)) (v128.load (local.get $limits))))
        (local.set $m1 (f32x4.gt (v128.load offset=16 (local.get $values)) (v128.load offset=16 (local.get $limits))))
        (local.set $m2 (f32x4.gt (v128.load offset=32 (local.get $values)) (v128.load offset=32 (local.get $limits))))
        (local.set $m3 (f32x4.gt (v128.load offset=48 (local.get $values)) (v128.load offset=48 (local.get $limits))))
        (if
          (v128.any_true
            (v128.or (v128.or (local.get $m0) (local.get $m1)) (v128.or (local.get $m2) (local.get $m3))))
          (then
            (local.set $mask
              (i32.or
                (i32.or
                  (i32x4.bitmask (local.get $m0))
                  (i32.shl (i32x4.bitmask (local.get $m1)) (i32.const 4)))
                (i32.or
                  (i32.shl (i32x4.bitmask (local.get $m2)) (i32.const 8))
                  (i32.shl (i32x4.bitmask (local.get $m3)) (i32.const 12)))))
            (loop $each
              (local.set $bit (i32.ctz (local.get $mask)))
              (i32.store
                (i32.add (local.get $indices) (i32.shl (local.get $count) (i32.const 2)))
                (i32.add (i32.shr_u (local.get $at) (i32.const 2)) (local.get $bit)))
              (f32.store
                (i32.add (local.get $found) (i32.shl (local.get $count) (i32.const 2)))
                (f32.load (i32.add (local.get $values) (i32.shl (local.get $bit) (i32.const 2)))))
              (local.set $count (i32.add (local.get $count) (i32.const 1)))
              (local.set $mask (i32.and (local.get $mask) (i32.sub (local.get $mask) (i32.const 1))))
              (br_if $each (local.get $mask)))))
        (local.set $values (i32.add (local.get $values) (i32.const 64)))
        (local.set $limits (i32.add (local.get $limits) (local.get $step)))
        (local.set $at (i32.add (local.get $at) (i32.const 64)))
        (br $next)))
    (local.get $count))

  ;; The same of $rows rows, one behind the other. Writes to $ends how many were found up to the end of each.
  (func (export "rows")
    (param $values i32) (param $rows i32) (param $bytes i32) (param $limits i32) (param $step i32)
    (param $indices i32) (param $found i32) (param $ends i32)
    (local $count i32) (local $total i32)
    (block $done
      (loop $each
        (br_if $done (i32.eqz (local.get $rows)))
        (local.set $count
          (call $above (local.get $values) (local.get $bytes) (local.get $limits) (local.get $step)
            (local.get $indices) (local.get $found)))
        (local.set $total (i32.add (local.get $total) (local.get $count)))
        (i32.store (local.get $ends) (local.get $total))
        (local.set $values (i32.add (local.get $values) (local.get $bytes)))
        (local.set $indices (i32.add (local.get $indices) (i32.shl (local.get $count) (i32.const 2))))
        (local.set $found (i32.add (local.get $found) (i32.shl (local.get $count) (i32.const 2))))
        (local.set $ends (i32.add (local.get $ends) (i32.const 4)))
        (local.set $rows (i32.sub (local.get $rows) (i32.const 1)))
        (br $each)))))
