import { ActionIcon, Button } from '@mantine/core';
import type { IconShare } from '@tabler/icons-react';

interface HeaderButtonProps {
  icon: typeof IconShare;
  label: string;
  onClick: () => void;
}

/** A button of the header, with its label if there is room, otherwise only with its icon. */
export function HeaderButton({ icon: Icon, label, onClick }: HeaderButtonProps) {
  return (
    <>
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        visibleFrom="sm"
        leftSection={<Icon size={16} aria-hidden />}
        onClick={onClick}
      >
        {label}
      </Button>
      <ActionIcon variant="subtle" color="gray" size="lg" hiddenFrom="sm" aria-label={label} onClick={onClick}>
        <Icon size={18} aria-hidden />
      </ActionIcon>
    </>
  );
}
