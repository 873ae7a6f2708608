import { xidAddress } from './kernel-log';

test.each([
  ["NVRM: Xid (PCI:0000:65:00): 79, pid='<unknown>', name=<unknown>, GPU has fallen off the bus.", '0000:65:00'],
  ['kern  :warn  : NVRM: Xid (PCI:0000:B3:00): 31, pid=4242, name=node, Ch 00000008', '0000:b3:00'],
  ['NVRM: GPU at PCI:0000:65:00: GPU-7b0c', undefined],
  ['usb 1-1: new device', undefined],
])('%s is an Xid error of %s', (line, address) => {
  expect(xidAddress(line)).toBe(address);
});
